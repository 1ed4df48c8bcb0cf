import type { ReadOptions } from "../../manifest/index.js";
import type { CommandContext } from "../command.js";
import type { ValidateOptions } from "../commands/validate.js";

/** The most that is read from standard input: the limit of a file, and one byte more to detect a larger input. */
const MAX_STDIN_BYTES = 8 * 1024 * 1024 + 1;

/** The options for reading the manifests that a command line names. */
export async function readOptions(
  paths: readonly string[],
  { set, compat }: Pick<ValidateOptions, "set" | "compat">,
  { cwd }: Pick<CommandContext, "cwd">,
): Promise<ReadOptions> {
  return {
    cwd,
    set,
    ...(compat !== undefined && { compat }),
    ...(paths.includes("-") && { stdin: await readStdin() }),
  };
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_STDIN_BYTES) break;
  }
  return Buffer.concat(chunks);
}
