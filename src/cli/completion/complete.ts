import { RootCommand, type Complete } from "@bomb.sh/tab";
import type { Command as TypedCommand } from "@commander-js/extra-typings";
import { Command } from "commander";
import { namespaceLabel, readAssembly, type Stack } from "../../assembly/index.js";
import type { CommandContext } from "../command.js";
import { COMMANDS } from "../commands.js";
import { readProject } from "../project.js";

/** Answers a shell that completes a command line: a line for each word that can come next. */
export async function complete(words: readonly string[], context: CommandContext): Promise<void> {
  const root = new RootCommand();
  const stacks = stacksOf(context);
  for (const { name, summary, define } of COMMANDS) {
    const command = new Command(name);
    await define(command as unknown as TypedCommand, context);
    root.command(name, summary);
    add(root, name, command, stacks);
  }
  root.parse([...words]);
}

function add(root: RootCommand, name: string, command: Command, stacks: readonly Stack[]): void {
  const known = root.command(name, command.summary() || command.description());
  for (const { long, short, description, required, optional } of command.options) {
    const word = long?.slice(2);
    if (word === undefined) continue;
    const alias = short?.slice(1);
    const values = valuesFor(word, stacks);
    if (values !== undefined && (required || optional)) known.option(word, description, offer(values), alias);
    else if (alias === undefined) known.option(word, description);
    else known.option(word, description, alias);
  }
  for (const argument of command.registeredArguments) {
    const values = argument.argChoices ?? valuesFor(argument.name(), stacks);
    if (values !== undefined) known.argument(argument.name(), offer(values), argument.variadic);
  }
  for (const each of command.commands) add(root, `${name} ${each.name()}`, each, stacks);
}

/** What an argument or an option can be, by its name; undefined for what nobody can know. */
function valuesFor(word: string, stacks: readonly Stack[]): readonly string[] | undefined {
  switch (word) {
    case "stack":
    case "to-stack":
    case "targets":
    case "stack-or-files":
      return stacks.flatMap(({ name, environment }) => [name, ...(environment === undefined ? [] : [environment])]);
    case "namespace":
    case "from":
    case "to":
      return stacks.flatMap(({ namespaces }) => namespaces.map((each) => each.binding ?? namespaceLabel(each)));
    case "engine":
      return ["tofu", "terraform"];
    default:
      return undefined;
  }
}

function offer(values: readonly string[]): (complete: Complete) => void {
  return (complete) => {
    for (const value of new Set(values)) complete(value, "");
  };
}

/** Without an assembly nothing is known, which is no reason to complain in the middle of a line. */
function stacksOf(context: CommandContext): readonly Stack[] {
  try {
    return readAssembly(readProject(context).output).stacks;
  } catch {
    return [];
  }
}
