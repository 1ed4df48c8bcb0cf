/** How often, within how many milliseconds, workerd is restarted when it ends unexpectedly. */
const LIMIT = { times: 5, withinMs: 60_000 };

/** Counts how often workerd ended unexpectedly, so that one that crashes at every request is not restarted forever. */
export class RestartLimit {
  #ends: readonly number[] = [];
  #reason: string | undefined;

  constructor(private readonly now: () => number = Date.now) {}

  /** Why it is not restarted; undefined while it is. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether enough time has passed for another attempt. */
  get rested(): boolean {
    return this.now() - (this.#ends.at(-1) ?? 0) >= LIMIT.withinMs;
  }

  /** Counts a crash. @returns whether workerd may be restarted */
  take(): boolean {
    this.#reason = undefined;
    const now = this.now();
    this.#ends = [...this.#ends.filter((at) => now - at < LIMIT.withinMs), now];
    return this.#ends.length <= LIMIT.times;
  }

  giveUp(reason: string): void {
    this.#reason = reason;
  }

  /** Resets the count for a new configuration. */
  reset(): void {
    this.#ends = [];
    this.#reason = undefined;
  }
}
