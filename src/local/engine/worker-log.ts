import type { EngineLog } from "./types.js";

/** The engine's own Workers, which report an exception a second time as it passes through them. */
const OWN_FRAME = /\bscript-[01]:\d/;

/** How workerd reports an exception again, as it leaves the handler of a Worker whose invocations are followed. */
const AGAIN = /^uncaught exception; source = Uncaught \((async|in response|in alarm)\); /;

/**
 * What to report of a line that workerd prints. Uncaught exceptions come twice, from JavaScript and from C++, as mere
 * information; the first are reported as errors.
 */
export function workerLog({ level, message }: EngineLog): EngineLog | undefined {
  if (!message.startsWith("uncaught exception; ")) return { level, message };
  if (AGAIN.test(message)) return undefined;
  const stack = /^uncaught exception; source = [^;]*; (?:stack|exception) = ([^]*)$/.exec(message)?.[1];
  if (stack === undefined || (OWN_FRAME.test(stack) && !stack.includes("file://"))) return undefined;
  return { level: "error", message: `uncaught ${stack}`, uncaught: true };
}
