import { type Command, Option } from "commander";
import type { ReadOptions } from "../../manifest/index.js";
import type { CommandContext } from "../command.js";

/** The options of every command that reads manifests, as commander gives them. */
export interface ManifestOptions {
  readonly set: readonly string[];
  readonly compat?: "planton";
}

/** Most that is read from standard input: as much as of a file, and one byte to see that there is more. */
const MAX_STDIN_BYTES = 8 * 1024 * 1024 + 1;

/** Adds the options of every command that reads manifests. */
export function withManifestOptions(command: Command): Command {
  return command
    .option(
      "--set <path=value>",
      "override a field in every document that has it: spec.ttlSeconds=300; repeatable",
      collect,
      [],
    )
    .addOption(new Option("--compat <tool>", "planton: take TTLs of 1 to 59 seconds, and use 60").choices(["planton"]));
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** How to read the manifests that a command line names. */
export async function readOptions(
  paths: readonly string[],
  { set, compat }: ManifestOptions,
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
