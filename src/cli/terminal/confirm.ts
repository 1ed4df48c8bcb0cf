import { createInterface } from "node:readline/promises";
import { InputError } from "../../errors.js";
import type { CommandContext } from "../command.js";

/**
 * Asks for confirmation, unless `--yes` was passed. Without a terminal nobody can answer.
 *
 * @throws InputError `NOT_CONFIRMED` unless the answer is yes
 */
export async function confirm(context: CommandContext, question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  const input = context.input();
  if (input.isTTY !== true || !context.notes.isTerminal) {
    throw new InputError("NOT_CONFIRMED", `confirmation required: ${question}`, "run again with --yes");
  }
  context.notes.line(`${question}? Type 'yes' to continue:`);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      if (line.trim().toLowerCase() === "yes") return;
      break;
    }
  } finally {
    lines.close();
  }
  throw new InputError("NOT_CONFIRMED", "nothing was changed");
}
