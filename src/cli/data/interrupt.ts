import { releaseRunLocks } from "../../data/run-lock.js";
import type { CommandContext } from "../command.js";
import { clearBar } from "../terminal/progress.js";

/**
 * Ends the process when the user interrupts: says how to continue, and lets the signal do what it does to a process that
 * does not listen, so that shells and scripts see an interruption. Nothing has to be closed: a run may be killed at any
 * moment, and a local runtime ends with the process.
 *
 * @param goOn - how to continue, where anything was begun
 */
export function endWhenInterrupted(context: CommandContext, goOn: () => string | undefined): void {
  void context.interrupted().then(() => {
    clearBar(context);
    const hint = goOn();
    context.notes.line(hint === undefined ? "interrupted" : `interrupted; to continue, run ${hint}`);
    releaseRunLocks();
    process.removeAllListeners("SIGINT");
    process.kill(process.pid, "SIGINT");
  });
}
