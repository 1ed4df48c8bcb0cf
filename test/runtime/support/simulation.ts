import { MemoryKV } from "../../../src/runtime/testing.js";
import { type TestClock, testClock } from "./clock.js";

/** Thirty locations around one namespace, each of which sees old values for as long as KV lets it. */
export interface World {
  readonly clock: TestClock;
  readonly kv: MemoryKV;
  /** A new isolate in each location. */
  isolates(): MemoryKV[];
}

export const LOCATIONS = 30;

export function world(): World {
  const clock = testClock();
  const kv = new MemoryKV({ clock, eventual: true, writeLimit: true });
  return {
    clock,
    kv,
    isolates: () => Array.from({ length: LOCATIONS }, (_, index) => kv.at(`location ${index}`)),
  };
}

/**
 * The longest time, in seconds, until every object sees what `change` does. All of them look before it, and then each
 * second: in the worst case one has just read the old value, for every phase of its reads.
 */
export async function longestUntilSeen<T>(
  { clock }: World,
  objects: readonly T[],
  change: () => Promise<unknown>,
  sees: (object: T, index: number) => Promise<boolean>,
  limit = 1000,
): Promise<number> {
  // Locations begin to read at different times, so that what each remembers ends at different times.
  for (const [index, object] of objects.entries()) {
    await sees(object, index);
    clock.advance(2);
  }
  await Promise.all(objects.map(sees));
  await change();
  for (let seconds = 0; seconds <= limit; seconds++) {
    const seen = await Promise.all(objects.map(sees));
    if (seen.every(Boolean)) return seconds;
    clock.advance(1);
  }
  return Infinity;
}
