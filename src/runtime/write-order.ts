import { toKvError } from "./errors.js";
import { isolateState, remember } from "./isolate-state.js";
import { delay, within } from "./waiting.js";

/** The last write to a key that is not over. */
interface Write {
  /** Settles when it will not touch the key any more. Never rejects. */
  over: Promise<void>;
  /** A newer write of the same key, which stands for this one if it has to wait. */
  newer?: Promise<void>;
}

/** Milliseconds after which a write is taken for lost: it ends with its request, so waiting longer is pointless. */
const GONE = 3000;
const MAX_WRITES = 1000;

/**
 * Writes or deletes a key after the writes to it that this isolate has begun, so that the last one called is the last
 * one stored. `patient` ones are tried again when KV refuses a second write within a second, unless a newer one came.
 * One that `builds` on what is stored does not stand for the writes before it.
 */
export function writeInOrder(
  binding: object,
  key: string,
  work: () => Promise<void>,
  patient: boolean,
  builds = false,
): Promise<void> {
  const writes = isolateState(binding, "writes", () => new Map<string, Write>());
  const before = writes.get(key);
  const attempts = async (): Promise<boolean> => {
    if (before !== undefined) await within(before.over, GONE, () => undefined);
    for (let left = patient ? 2 : 0; mine.newer === undefined; left--) {
      try {
        await work();
        return true;
      } catch (cause) {
        if (left === 0 || toKvError("put", undefined, cause).code !== "RATE_LIMITED") throw cause;
        await delay(1000 + Math.random() * 250);
      }
    }
    return false;
  };
  const mine: Write = { over: Promise.resolve() };
  const run = attempts();
  mine.over = run.then(
    () => undefined,
    () => undefined,
  );
  const done = run.then((stored) => (stored ? undefined : mine.newer));
  if (before !== undefined && !builds) before.newer = done;
  remember(writes, key, mine, MAX_WRITES);
  void mine.over.then(() => {
    if (writes.get(key) === mine) writes.delete(key);
  });
  return done;
}

/** The keys among those being written that `touches` names. */
export function keysBeingWritten(binding: object, touches: (key: string) => boolean): string[] {
  return [...isolateState(binding, "writes", () => new Map<string, Write>()).keys()].filter(touches);
}
