import { createInterface } from "node:readline/promises";
import { InputError } from "../../errors.js";
import type { CommandContext } from "../command.js";

/**
 * Asks for confirmation, unless `--yes` was passed. Without a terminal there is no way to answer.
 *
 * @param word - what has to be typed: the name of something that must not be changed by habit
 * @throws InputError `NOT_CONFIRMED` unless it is typed
 */
export async function confirm(
  context: CommandContext,
  question: string,
  yes: boolean | undefined,
  word = "yes",
): Promise<void> {
  if (yes === true) return;
  const input = context.input();
  if (input.isTTY !== true || !context.notes.isTerminal) {
    throw new InputError("NOT_CONFIRMED", `confirmation required: ${question}`, "run again with --yes");
  }
  context.notes.line(`${question}? Type '${word}' to continue:`);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      if (line.trim().toLowerCase() === word.toLowerCase()) return;
      break;
    }
  } finally {
    lines.close();
  }
  throw new InputError("NOT_CONFIRMED", "nothing was changed");
}
