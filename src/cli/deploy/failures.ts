import { EngineFailed } from "../../deploy/index.js";
import { printable } from "../../values/text.js";
import type { CommandContext } from "../command.js";

/** Runs work with an engine; when it fails, what the engine printed is shown before the error. */
export async function showingFailures<Result>(
  { notes }: Pick<CommandContext, "notes">,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineFailed && error.output !== "") {
      notes.line(error.output.split("\n").map(printable).join("\n"));
    }
    throw error;
  }
}
