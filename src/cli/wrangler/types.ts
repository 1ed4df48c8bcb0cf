import { dirname, resolve } from "node:path";
import { type Assembly, chooseStack, readAssembly, type Stack } from "../../assembly/index.js";
import { envTypes } from "../../wrangler/env-types.js";
import { chooseFamily, familiesOf, relatedStacks } from "../../wrangler/worker-family.js";
import type { CommandContext } from "../command.js";
import { TYPES_FILE, type TypesOptions } from "../commands/types.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { writeOrCheck } from "./write-or-check.js";

/** `cfkv types`: what Workers find in `env`, as TypeScript. */
export async function typesCommand(
  name: string | undefined,
  options: TypesOptions,
  context: CommandContext,
): Promise<void> {
  const { out = TYPES_FILE, worker } = options;
  if (out !== "-" && !out.endsWith(".ts")) {
    throw new UsageError(`--out must end in .ts, got '${out}'`, `as in --out ${TYPES_FILE}`);
  }
  const project = readProject(context, options.output);
  const assembly = readAssembly(project.output);
  const stacks = name === undefined ? ofOneApp(assembly) : named(assembly, name);
  const all = familiesOf(stacks);
  const families = worker === undefined && all.length > 0 ? all : [chooseFamily(stacks, worker)];
  const target = out === "-" ? context.cwd : dirname(resolve(context.cwd, out));
  const text = envTypes({ assembly, families, project: project.directory, target });
  await writeOrCheck({ out, text, command: "cfkv types", check: options.check }, context);
}

/** All environments, where there is nothing else: no environment has to be called 'dev' for that. */
function ofOneApp(assembly: Assembly): readonly Stack[] {
  const apps = new Set(assembly.stacks.map(({ app }) => app));
  return apps.size === 1 && !apps.has(undefined) ? assembly.stacks : relatedStacks(assembly, undefined);
}

function named(assembly: Assembly, name: string): readonly Stack[] {
  const ofEnvironment = assembly.stacks.filter(({ environment }) => environment === name);
  return ofEnvironment.length > 0 ? ofEnvironment : [chooseStack(assembly, { name })];
}
