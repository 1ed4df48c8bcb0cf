import { KvError, toKvError } from "./errors.js";
import type { RuntimeOptions } from "./options.js";
import { report } from "./report.js";

/** Runs a write that the response does not depend on: after the response if possible, else now. Never rejects. */
export function runLater(options: RuntimeOptions, write: () => Promise<void>): Promise<void> | undefined {
  return keepAlive(
    options,
    write().catch((cause: unknown) => report(options, toKvError("put", undefined, cause))),
  );
}

/** Hands work over to `waitUntil`. Returns the work when it must be awaited instead. */
export function keepAlive(options: RuntimeOptions, work: Promise<void>): Promise<void> | undefined {
  const { waitUntil } = options;
  if (waitUntil === undefined) return work;
  try {
    waitUntil(work);
    return undefined;
  } catch (cause) {
    report(
      options,
      new KvError("INVALID_OPTION", "setup", "waitUntil failed: pass ctx.waitUntil.bind(ctx)", { cause }),
    );
    return work;
  }
}
