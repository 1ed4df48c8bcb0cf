import { chooseStack, type Assembly, type Stack } from "../../assembly/index.js";

/** Every stack of an environment, the stack of that name, or all. */
export function stacksNamed({ stacks }: Assembly, name: string | undefined): readonly Stack[] {
  if (name === undefined) return stacks;
  const ofEnvironment = stacks.filter(({ environment }) => environment === name);
  return ofEnvironment.length > 0 ? ofEnvironment : [chooseStack({ directory: "", stacks }, { name })];
}

/** The stacks that users are on: those of an environment `prod` or `production`, otherwise all. */
export function liveStacks(assembly: Assembly, name: string | undefined): readonly Stack[] {
  if (name !== undefined) return stacksNamed(assembly, name);
  const production = assembly.stacks.filter(({ environment }) => /^prod(uction)?$/.test(environment ?? ""));
  return production.length > 0 ? production : assembly.stacks;
}
