import type { Command as TypedCommand } from "@commander-js/extra-typings";
import { Command } from "commander";
import type { CommandContext } from "../../src/cli/command.js";
import { COMMANDS } from "../../src/cli/commands.js";
import { code, table } from "./page.js";

/** A command that does something, by all its words: `kv namespace list`. */
export interface DocumentedCommand {
  readonly name: string;
  readonly command: Command;
  readonly summary: string;
}

/** Every command, from its declaration. */
export async function readCommands(): Promise<readonly DocumentedCommand[]> {
  const program = new Command();
  const found: DocumentedCommand[] = [];
  for (const { name, summary, define } of COMMANDS) {
    const command = program.command(name).summary(summary);
    // A declaration uses no context: only what runs does.
    await define(command as unknown as TypedCommand, {} as CommandContext);
    found.push(...leavesOf(name, command));
  }
  return found;
}

function leavesOf(name: string, command: Command): DocumentedCommand[] {
  if (command.commands.length === 0) return [{ name, command, summary: command.summary() }];
  return command.commands.flatMap((each) => leavesOf(`${name} ${each.name()}`, each));
}

/** Every command in a line, with the page that describes it. */
export function commandsTable(commands: readonly DocumentedCommand[], pageOf: ReadonlyMap<string, string>): string {
  const rows = commands.map(({ name, summary }) => {
    const page = (pageOf.get(`command ${name}`) ?? "").replace("docs/", "");
    return [code(`cfkv ${name}`), page === "cli.md" ? summary : `${summary}: [${page}](${page})`];
  });
  return table(["command", "what it does"], rows);
}

/** How a command is called, and what each of its arguments and options means. */
export function commandTable({ name, command }: DocumentedCommand): string {
  const words = command.registeredArguments.map((argument) => {
    const word = argument.variadic ? `${argument.name()}…` : argument.name();
    return { shown: argument.required ? `<${word}>` : `[${word}]`, meaning: argument.description };
  });
  const rows = [
    ...words.filter(({ meaning }) => meaning !== "").map(({ shown, meaning }) => [code(shown), meaning]),
    ...command.options.map(({ flags, description }) => [code(flags), description]),
  ];
  const usage = [
    "cfkv",
    name,
    ...words.map(({ shown }) => shown),
    ...(command.options.length > 0 ? ["[options]"] : []),
  ];
  return ["```text", usage.join(" "), "```", "", table(["argument or option", "meaning"], rows)].join("\n");
}
