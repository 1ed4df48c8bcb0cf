import { InputError } from "../../errors.js";
import type { EngineLog } from "./types.js";

/** workerd's error for unknown tables. */
const NEWER_DATA = /table _cf_\w+ has \d+ columns/;

/** The error for use of the engine before `apply()` or after `dispose()`. */
export function stopped(): InputError<"ENGINE_STOPPED"> {
  return new InputError("ENGINE_STOPPED", "the engine is not running", "call apply() first, dispose() last");
}

/**
 * Why workerd did not start, in its own words if it printed any.
 *
 * @param shown - gives Workers in a message the names that users know
 */
export function refusal(
  error: unknown,
  printed: readonly EngineLog[],
  shown: (message: string) => string = String,
): InputError {
  const relevant = printed.filter(({ uncaught }) => uncaught !== true);
  const words = relevant.map(({ message }) => message.replace(/^service core:user:([^:]+):/, "Worker '$1':"));
  const message = shown(words.join("\n").trim() || (error instanceof Error ? error.message : String(error)));
  if (/EADDRINUSE|already in use/i.test(message)) {
    return new InputError(
      "PORT_IN_USE",
      message,
      "stop the program that listens there, or use another port with --port",
      {
        cause: error,
      },
    );
  }
  const hint = NEWER_DATA.test(message)
    ? "a newer miniflare wrote the data: install that version again, or delete the data folder"
    : undefined;
  return new InputError("WORKER_NOT_STARTED", `workerd refused to start: ${message}`, hint, { cause: error });
}
