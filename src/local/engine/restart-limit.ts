/** How often, within how many milliseconds, a workerd that ends by itself is started again. */
const LIMIT = { times: 5, withinMs: 60_000 };

/** Counts how often workerd ended by itself: one that ends at every request is not restarted forever. */
export class RestartLimit {
  #ends: readonly number[] = [];
  #reason: string | undefined;

  constructor(private readonly now: () => number = Date.now) {}

  /** Why it is not started again; undefined while it is. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether it has been left alone long enough to be tried once more. */
  get rested(): boolean {
    return this.now() - (this.#ends.at(-1) ?? 0) >= LIMIT.withinMs;
  }

  /** Counts an end. @returns whether it may be started again */
  take(): boolean {
    this.#reason = undefined;
    const now = this.now();
    this.#ends = [...this.#ends.filter((at) => now - at < LIMIT.withinMs), now];
    return this.#ends.length <= LIMIT.times;
  }

  giveUp(reason: string): void {
    this.#reason = reason;
  }

  /** A new configuration runs from now on. */
  reset(): void {
    this.#ends = [];
    this.#reason = undefined;
  }
}
