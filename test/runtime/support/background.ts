import type { WaitUntil } from "../../../src/runtime/index.js";

/** A `waitUntil` whose work a test can wait for. */
export interface Background {
  waitUntil: WaitUntil;
  /** Resolves when all work handed over so far, and what that handed over, is done. */
  settled(): Promise<void>;
  readonly size: number;
}

export function background(): Background {
  const work: Promise<unknown>[] = [];
  return {
    waitUntil: (promise) => void work.push(promise),
    async settled() {
      for (let done = 0; done < work.length;) {
        const batch = work.slice(done);
        done = work.length;
        await Promise.all(batch);
      }
    },
    get size() {
      return work.length;
    },
  };
}
