import { chooseStack, readAssembly, type Assembly, type Stack } from "../../assembly/index.js";
import type { CommandContext } from "../command.js";
import type { ListOptions } from "../commands/list.js";
import { printStacks } from "../terminal/print-stacks.js";
import { readProject } from "../project.js";

/** `cfkv list`: shows what was synthesized, without synthesizing. */
export function listCommand(name: string | undefined, options: ListOptions, context: CommandContext): void {
  const assembly = readAssembly(readProject(context, options.output).output);
  printStacks(name === undefined ? assembly.stacks : named(assembly, name), context, options);
}

function named(assembly: Assembly, name: string): readonly Stack[] {
  const ofEnvironment = assembly.stacks.filter(({ environment }) => environment === name);
  return ofEnvironment.length > 0 ? ofEnvironment : [chooseStack(assembly, { name })];
}
