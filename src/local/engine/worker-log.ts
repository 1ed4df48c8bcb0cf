import type { EngineLog } from "./types.js";

/** The engine's own Workers, which report an exception a second time as it passes through them. */
const OWN_FRAME = /\bscript-[01]:\d/;

/** How workerd reports an exception again, as it leaves the handler of a Worker whose invocations are followed. */
const AGAIN = /^uncaught exception; source = Uncaught \((async|in response|in alarm)\); /;

/** What workerd says of its own C++: an exception, with addresses of its code after it. */
const INTERNAL = /^(?:e|exception) = kj\/([^]*?)(?:\nstack: [^]*)?$/;

/** What workerd says when a client or a server has gone: its request is logged anyway, if it has an end. */
const DISCONNECTED = /^[^:]*:\d+: disconnected: /;

/** The host of a DNS look-up that failed. */
const UNKNOWN_HOST = /^[^:]*:\d+: failed: DNS lookup failed\.; params\.host = ([^;]*);/;

/**
 * What to report of a line that workerd prints. Uncaught exceptions come twice, from JavaScript and from C++, as mere
 * information; the first are reported as errors.
 */
export function workerLog({ level, message }: EngineLog): EngineLog | undefined {
  if (!message.startsWith("uncaught exception; ")) return ofRuntime({ level, message });
  if (AGAIN.test(message)) return undefined;
  const stack = /^uncaught exception; source = [^;]*; (?:stack|exception) = ([^]*)$/.exec(message)?.[1];
  if (stack === undefined || (OWN_FRAME.test(stack) && !stack.includes("file://"))) return undefined;
  return { level: "error", message: `uncaught ${stack}`, uncaught: true };
}

/** Without the addresses in workerd's own code, and without what ends of connections cause there. */
function ofRuntime(entry: EngineLog): EngineLog | undefined {
  const internal = INTERNAL.exec(entry.message)?.[1];
  if (internal === undefined) return entry;
  if (DISCONNECTED.test(internal)) return undefined;
  const host = UNKNOWN_HOST.exec(internal)?.[1];
  return host === undefined ? entry : { ...entry, message: `no address was found for the host '${host}' (DNS)` };
}
