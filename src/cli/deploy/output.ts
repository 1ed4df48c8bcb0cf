import { bareValue, exportLines, outputLines, outputsJson, type OutputValue } from "../../deploy/index.js";
import { InputError } from "../../errors.js";
import { didYouMean } from "../../suggest.js";
import { readAssembly } from "../../assembly/index.js";
import type { CommandContext } from "../command.js";
import type { OutputOptions } from "../commands/output.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { Engines } from "./engines.js";
import { showingFailures } from "./failures.js";
import { findTargets, isManifest } from "./targets.js";

/** `cfkv output`: what a deployed stack says about itself. */
export async function outputCommand(
  first: string | undefined,
  second: string | undefined,
  options: OutputOptions,
  context: CommandContext,
): Promise<void> {
  if (options.env === true && options.json === true) {
    throw new UsageError("--env and --json exclude each other", "remove one of them");
  }
  const isTarget = first !== undefined && second === undefined && namesTarget(first, options, context);
  const [name, target] = isTarget ? [undefined, first] : [first, second];
  const targets = await findTargets(target === undefined ? [] : [target], { ...options, isRead: true }, context);
  if (targets === undefined) return;
  if (name !== undefined && targets.stacks.length > 1) {
    const stacks = targets.stacks.map((stack) => stack.name).join(", ");
    throw new InputError("STACK_NOT_CHOSEN", `several stacks have outputs`, `name one of: ${stacks}`);
  }
  const engines = await Engines.open(targets, options.engine);
  await showingFailures(context, async () => {
    for (const stack of targets.stacks) {
      const engine = engines.of(stack);
      await engine.initIfNeeded();
      const outputs = await engine.outputs();
      if (name !== undefined) printOne(name, stack.name, outputs, options, context);
      else printAll(stack.name, outputs, { ...options, isOnly: targets.stacks.length === 1 }, context);
    }
  });
}

/** Whether a single word is a stack, an environment or a manifest; otherwise it is an output. */
function namesTarget(word: string, { output }: OutputOptions, context: CommandContext): boolean {
  if (isManifest(word)) return true;
  try {
    const { stacks } = readAssembly(readProject(context, output).output);
    return stacks.some(({ name, environment }) => name === word || environment === word);
  } catch {
    // The next step reports what is wrong with the assembly.
    return false;
  }
}

function printOne(
  name: string,
  stack: string,
  outputs: ReadonlyMap<string, OutputValue>,
  options: OutputOptions,
  { results }: CommandContext,
): void {
  const output = outputs.get(name);
  if (output === undefined) {
    const what =
      outputs.size === 0
        ? `stack '${stack}' has no outputs`
        : `stack '${stack}' has no output '${name}'${didYouMean(name, outputs.keys())}`;
    const hint =
      outputs.size === 0 ? `deploy it first: cfkv apply ${stack}` : `it has ${[...outputs.keys()].join(", ")}`;
    throw new InputError("OUTPUT_UNKNOWN", what, hint);
  }
  if (output.sensitive) {
    const hint = "read it with: tofu output -raw, or terraform output -raw, in the stack's folder";
    throw new InputError("OUTPUT_SENSITIVE", `output '${name}' of stack '${stack}' is sensitive`, hint);
  }
  if (options.json === true) results.json(output.value);
  else if (options.env === true) results.line(exportLines(new Map([[name, output]])).join("\n"));
  else results.line(bareValue(output));
}

function printAll(
  stack: string,
  outputs: ReadonlyMap<string, OutputValue>,
  { json, env, isOnly }: OutputOptions & { readonly isOnly: boolean },
  { results, notes }: CommandContext,
): void {
  if (outputs.size === 0) notes.line(`stack '${stack}' has no outputs; it may not be deployed`);
  if (json === true) results.json({ stack, outputs: outputsJson(outputs) });
  else if (env === true) for (const line of exportLines(outputs)) results.line(line);
  else if (outputs.size > 0)
    results.line(outputLines(outputs, isOnly ? "Outputs:" : `Outputs of ${stack}:`).join("\n"));
}
