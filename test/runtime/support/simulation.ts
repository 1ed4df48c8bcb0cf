import { forgetIsolate, MemoryKV } from "../../../src/runtime/testing.js";
import { type TestClock, testClock } from "./clock.js";

/** Thirty locations around one namespace, each of which sees old values for as long as KV lets it. */
export interface World {
  readonly clock: TestClock;
  readonly kv: MemoryKV;
  /** A new isolate in each location, and then another one in each, the last location first. */
  isolates(): MemoryKV[];
}

export const LOCATIONS = 30;

export function world(): World {
  forgetIsolate();
  const clock = testClock();
  const kv = new MemoryKV({ clock, eventual: true, writeLimit: true });
  const places = Array.from({ length: LOCATIONS }, (_, index) => `location ${index}`);
  return { clock, kv, isolates: () => [...places, ...places.toReversed()].map((place) => kv.at(place)) };
}

/**
 * How many seconds pass until every object sees what `change` does, and keeps seeing it, watched for a minute beyond
 * `bound`. All of them look before it, and then each second, or sixty times within a longer `bound`: in the worst case
 * one has just read the old value, for every phase of what its location and its isolate remember.
 */
export async function longestUntilSeen<T>(
  { clock }: World,
  bound: number,
  objects: readonly T[],
  change: () => Promise<unknown>,
  sees: (object: T, index: number) => Promise<boolean>,
): Promise<number> {
  // Objects begin to read at different times, so that what each remembers ends at different times.
  for (let step = 0; step < LOCATIONS; step++) {
    await Promise.all(objects.filter((_, index) => index % LOCATIONS === step).map(sees));
    clock.advance(2);
  }
  await Promise.all(objects.map(sees));
  await change();
  const step = Math.max(1, Math.floor(bound / 60));
  let unseenUntil = 0;
  for (let seconds = 0; seconds < bound + 60; seconds += step) {
    const seen = await Promise.all(objects.map(sees));
    clock.advance(step);
    if (!seen.every(Boolean)) unseenUntil = seconds + step;
  }
  return unseenUntil;
}

/** The bound holds, and is not longer than it has to be: somebody waits for nearly all of it. */
export function expectBound(seen: number, bound: number): void {
  expect(seen).toBeLessThanOrEqual(bound);
  expect(seen).toBeGreaterThanOrEqual(0.9 * bound);
}
