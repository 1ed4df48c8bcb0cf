import { InputError } from "../../errors.js";
import type { EngineLog } from "./types.js";

/** How a runtime complains of tables it does not know. */
const NEWER_DATA = /table _cf_\w+ has \d+ columns/;

/** The engine was asked for something before `apply()` or after `dispose()`. */
export function stopped(): InputError<"ENGINE_STOPPED"> {
  return new InputError("ENGINE_STOPPED", "the local runtime does not run", "call apply() first, dispose() last");
}

/** Why the runtime did not start: in its own words, where it said some. */
export function refusal(error: unknown, said: readonly EngineLog[]): InputError {
  const told = said.filter(({ uncaught }) => uncaught !== true);
  const words = told.map(({ message }) => message.replace(/^service core:user:([^:]+):/, "Worker '$1':"));
  const message = words.join("\n").trim() || (error instanceof Error ? error.message : String(error));
  if (/EADDRINUSE|already in use/i.test(message)) {
    return new InputError("PORT_IN_USE", message, "stop what listens there, or take another port with --port", {
      cause: error,
    });
  }
  const hint = NEWER_DATA.test(message)
    ? "a newer miniflare has written the data: install it again, or delete the data folder"
    : undefined;
  return new InputError("WORKER_NOT_STARTED", `the runtime refused to start: ${message}`, hint, { cause: error });
}
