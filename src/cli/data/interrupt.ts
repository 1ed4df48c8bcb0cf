import type { CommandContext } from "../command.js";
import { clearBar } from "../terminal/progress.js";

/**
 * Ends the process when the user interrupts: tells how to go on, and lets the signal do what it does to a process that
 * does not listen, so that shells and scripts see an interruption. Nothing has to be closed: a run may be killed at any
 * moment, and a local runtime ends with the process.
 *
 * @param goOn - how to go on, where anything was begun
 */
export function endWhenInterrupted(context: CommandContext, goOn: () => string | undefined): void {
  void context.interrupted().then(() => {
    clearBar(context);
    const hint = goOn();
    context.notes.line(hint === undefined ? "interrupted" : `interrupted; to go on: ${hint}`);
    process.removeAllListeners("SIGINT");
    process.kill(process.pid, "SIGINT");
  });
}
