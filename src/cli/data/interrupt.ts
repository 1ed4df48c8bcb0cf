import { releaseRunLocks } from "../../data/run-lock.js";
import type { CommandContext } from "../command.js";
import { clearBar } from "../terminal/progress.js";

/**
 * Ends the process when the user interrupts: prints how to continue, and lets the signal have its default effect, so
 * that shells and scripts see an interruption. Nothing has to be closed: a run may be killed at any moment, and workerd
 * ends with the process.
 *
 * @param goOn - how to continue, if anything was begun
 */
export function endWhenInterrupted(context: CommandContext, goOn: () => string | undefined): void {
  void context.interrupted().then(() => endNow(context, goOn()));
}

/** Ends the process as the signal would have, and prints how to continue. */
export function endNow(context: CommandContext, goOn: string | undefined): void {
  clearBar(context);
  context.notes.line(goOn === undefined ? "interrupted" : `interrupted; to continue, run ${goOn}`);
  releaseRunLocks();
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
}
