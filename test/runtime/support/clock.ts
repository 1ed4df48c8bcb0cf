/** A clock that moves only when told to. Starts on a whole second. */
export interface TestClock {
  (): number;
  /** Moves on by some seconds. */
  advance(seconds: number): void;
}

export function testClock(start = Date.UTC(2026, 0, 1)): TestClock {
  let now = start;
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += seconds * 1000;
    },
  });
}
