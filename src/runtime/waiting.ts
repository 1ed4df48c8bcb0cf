import { maxExpirationTtl } from "../kv/limits.js";

/** Resolves after some milliseconds. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What `promise` gives within some milliseconds of this request's own time, else what `late` does. */
export function within<T, L>(promise: Promise<T>, milliseconds: number, late: () => L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let isOver = false;
    const over = () => {
      isOver = true;
      if (timer !== null) clearTimeout(timer);
    };
    promise.then(over, over);
    promise.then(resolve, reject);
    // A timer costs a microsecond, which an answer that is already there does not need.
    void Promise.resolve().then(() => {
      if (isOver) return;
      // No timer takes more than 31 bits, as no TTL of KV does.
      timer = setTimeout(() => resolve(Promise.resolve().then(late)), Math.min(milliseconds, maxExpirationTtl));
    });
  });
}
