/** The state of an entry of a seed. */
export const PENDING = 0;
export const ACCEPTED = 1;
export const RESUMED = 2;
export const UNCHANGED = 3;
export const REFUSED = 4;
export const TOO_LATE = 5;
export const DIFFERENT = 6;

/** Why an entry is missing, for the states in which it is. */
const REASONS: Readonly<Record<number, string>> = {
  [PENDING]: "not accepted",
  [REFUSED]: "refused by Cloudflare",
  [TOO_LATE]: "its expiration was less than 60 seconds away when it could be written",
  [DIFFERENT]: "differs from the file when read back",
};

/** The state of each entry of a seed, by its number: one byte each. */
export class EntryStates {
  private readonly states: Uint8Array;
  private readonly counts = new Array<number>(DIFFERENT + 1).fill(0);

  constructor(readonly size: number) {
    this.states = new Uint8Array(size);
    this.counts[PENDING] = size;
  }

  /** Entries that have been handled, whatever the result. */
  get done(): number {
    return this.size - this.count(PENDING);
  }

  /** Whether any entry is missing or differs. */
  get isIncomplete(): boolean {
    return Object.keys(REASONS).some((state) => this.count(Number(state)) > 0);
  }

  count(state: number): number {
    return this.counts[state] ?? 0;
  }

  is(ordinal: number, state: number): boolean {
    return this.states[ordinal] === state;
  }

  mark(ordinal: number, state: number): void {
    const before = this.states[ordinal];
    if (before === undefined) return;
    this.counts[before] = this.count(before) - 1;
    this.counts[state] = this.count(state) + 1;
    this.states[ordinal] = state;
  }

  /** Why the entry is missing, if it is. */
  reason(ordinal: number): string | undefined {
    return REASONS[this.states[ordinal] ?? PENDING];
  }
}
