import type { KvError } from "./errors.js";
import type { RuntimeOptions } from "./options.js";

const warned = /* @__PURE__ */ new Set<string>();

/** Reports a failure that the class recovered from: otherwise a cache that never works would go unnoticed. */
export function report({ onError }: RuntimeOptions, error: KvError): void {
  if (onError !== undefined) {
    onError(error);
  } else if (!warned.has(error.code)) {
    warned.add(error.code);
    // eslint-disable-next-line no-console -- a Worker has no other place to log to
    console.warn(`${error.code}: ${error.message}`);
  }
}
