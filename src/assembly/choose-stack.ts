import { InputError } from "../errors.js";
import { didYouMean } from "../suggest.js";
import type { Assembly, Stack } from "./model.js";

/** Which stack is wanted. */
export interface StackWish {
  /** Its name, or its environment's. */
  readonly name?: string;
  /** The developer, for an environment with one stack per developer. */
  readonly developer?: string;
}

/**
 * The stack to work with when the caller names none, or only an environment: the one of `dev`, the only one
 * there is, or the first developer's.
 *
 * @throws InputError `STACK_UNKNOWN` when no stack fits, `STACK_NOT_CHOSEN` when several do
 */
export function chooseStack(assembly: Assembly, { name, developer }: StackWish): Stack {
  const { stacks } = assembly;
  const exact = stacks.find((stack) => stack.name === name);
  if (exact !== undefined && developer === undefined) return exact;

  const ofEnvironment = stacks.filter((stack) => stack.environment === (name ?? "dev"));
  if (developer !== undefined) return ofDeveloper(ofEnvironment.length === 0 ? stacks : ofEnvironment, developer);
  if (name !== undefined && ofEnvironment.length === 0) throw unknownStack(name, stacks);

  // An environment of two apps is no single choice; one with developers is: the stack without a developer, or the first
  // one.
  const shared = ofEnvironment.filter((stack) => stack.developer === undefined);
  const apps = new Set(ofEnvironment.map(({ app }) => app));
  const [first] = shared.length > 0 ? shared : ofEnvironment;
  if (first !== undefined && apps.size === 1) return first;

  const [only, ...others] = stacks;
  if (only !== undefined && others.length === 0) return only;
  throw new InputError(
    "STACK_NOT_CHOSEN",
    stacks.length === 0 ? "the assembly has no stacks" : "several stacks match, and none is the only 'dev' one",
    stacks.length === 0 ? "define one in the app, then: cfkv synth" : `name one of: ${names(stacks)}`,
  );
}

function ofDeveloper(stacks: readonly Stack[], developer: string): Stack {
  const found = stacks.find((stack) => stack.developer === developer);
  if (found !== undefined) return found;
  const developers = [...new Set(stacks.flatMap((stack) => stack.developer ?? []))];
  throw new InputError(
    "STACK_UNKNOWN",
    `no stack belongs to developer '${developer}'${didYouMean(developer, developers)}`,
    developers.length === 0 ? "the app has no developers: remove --developer" : `developers: ${developers.join(", ")}`,
  );
}

function unknownStack(name: string, stacks: readonly Stack[]): InputError {
  const known = stacks.flatMap((stack) => [
    stack.name,
    ...(stack.environment === undefined ? [] : [stack.environment]),
  ]);
  return new InputError(
    "STACK_UNKNOWN",
    `no stack is named '${name}'${didYouMean(name, known)}`,
    `stacks: ${names(stacks)}`,
  );
}

function names(stacks: readonly Stack[]): string {
  const shown = stacks.slice(0, 20).map((stack) => stack.name);
  return shown.join(", ") + (stacks.length > shown.length ? `, and ${stacks.length - shown.length} more` : "");
}
