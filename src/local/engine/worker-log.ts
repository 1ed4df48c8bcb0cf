import type { EngineLog } from "./types.js";

/** The engine's own Workers, through which an exception passes once more on its way out. */
const OWN_FRAME = /\bscript-[01]:\d/;

/**
 * What is to be told of a line of the runtime. Exceptions that nobody caught come twice, in the words of JavaScript
 * and in those of C++, as mere information; the first are told as errors.
 */
export function workerLog({ level, message }: EngineLog): EngineLog | undefined {
  if (!message.startsWith("uncaught exception; ")) return { level, message };
  const stack = /^uncaught exception; source = [^;]*; (?:stack|exception) = ([^]*)$/.exec(message)?.[1];
  if (stack === undefined || (OWN_FRAME.test(stack) && !stack.includes("file://"))) return undefined;
  return { level: "error", message: `uncaught ${stack}`, uncaught: true };
}
