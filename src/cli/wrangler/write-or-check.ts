import { resolve } from "node:path";
import { currentText, writeGenerated } from "../../wrangler/generated-file.js";
import type { CommandContext } from "../command.js";

/** What a command has made for a file. */
export interface GeneratedOutput {
  /** The file, or `-` for stdout. */
  readonly out: string;
  readonly text: string;
  /** The command line that makes it. */
  readonly command: string;
  /** Compare instead of writing. */
  readonly check: boolean | undefined;
}

/** Writes a generated file, prints it, or says whether it is out of date. */
export async function writeOrCheck({ out, text, command, check }: GeneratedOutput, context: CommandContext) {
  const { results, notes } = context;
  if (out === "-") {
    results.write(text);
    return;
  }
  const path = resolve(context.cwd, out);
  if (check === true) {
    const current = currentText(path);
    const isCurrent = current?.replaceAll("\r\n", "\n") === text;
    if (isCurrent) results.line(`${out} is up to date`);
    else notes.line(`${out} ${current === undefined ? "does not exist" : "is out of date"}; to write it: ${command}`);
    context.finishWith(isCurrent ? 0 : 1);
    return;
  }
  const isChanged = await writeGenerated(path, text);
  results.line(isChanged ? `wrote ${out}` : `${out} is up to date`);
}
