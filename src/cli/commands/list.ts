import { chooseStack, readAssembly, type Assembly, type Stack } from "../../assembly/index.js";
import type { DefineCommand } from "../command.js";
import { printStacks } from "../terminal/print-stacks.js";
import { readProject, withOutputOption } from "../project.js";

interface Options {
  readonly output?: string;
  readonly json?: true;
}

/** `cfkv list`: what is synthesized, without synthesizing. */
export const define: DefineCommand = (command, context) => {
  withOutputOption(command)
    .description("show what is synthesized: environments, their namespaces, Workers and outputs")
    .argument("[stack]", "a stack, or an environment with all its stacks (default: all)")
    .option("--json", "print as JSON")
    .action((name: string | undefined, options: Options) => {
      const assembly = readAssembly(readProject(context, options.output).output);
      printStacks(name === undefined ? assembly.stacks : named(assembly, name), context, options);
    });
};

function named(assembly: Assembly, name: string): readonly Stack[] {
  const ofEnvironment = assembly.stacks.filter(({ environment }) => environment === name);
  return ofEnvironment.length > 0 ? ofEnvironment : [chooseStack(assembly, { name })];
}
