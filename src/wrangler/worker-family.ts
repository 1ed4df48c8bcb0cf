import { chooseStack, type Assembly, type Stack, type Worker, type WorkerVersion } from "../assembly/index.js";
import { InputError } from "../errors.js";
import { didYouMean } from "../suggest.js";

/** One Worker of one environment. */
export interface Member {
  /** The environment, with its developer if it has one; otherwise the stack's name. */
  readonly environment: string;
  readonly stack: Stack;
  readonly worker: Worker;
  /** The version that most of the traffic reaches. */
  readonly version: WorkerVersion;
}

/** A Worker in all environments of its app: what one configuration of wrangler describes. */
export interface Family {
  /** What distinguishes it from the other Workers of its stacks: its name in its set, the construct's path, or its name in Terraform. */
  readonly name: string;
  readonly members: readonly Member[];
}

/** Which Workers are wanted. */
export interface FamilyWish {
  /** A stack or an environment. */
  readonly stack?: string;
  /** The name of a Worker, of a stack that has several. */
  readonly worker?: string;
}

/**
 * The stacks that belong together with the chosen one: all environments of its app. It comes first. A stack of no
 * EnvironmentSet is alone.
 *
 * @throws InputError `STACK_UNKNOWN`, `STACK_NOT_CHOSEN`
 */
export function relatedStacks(assembly: Assembly, name: string | undefined): readonly Stack[] {
  const chosen = chooseStack(assembly, name === undefined ? {} : { name });
  const others = assembly.stacks.filter(
    (stack) => stack !== chosen && chosen.app !== undefined && stack.app === chosen.app,
  );
  return [chosen, ...others];
}

/** The Workers of stacks, those that are the same in several environments together, in the order of the first stack. */
export function familiesOf(stacks: readonly Stack[]): readonly Family[] {
  const families = new Map<string, Member[]>();
  for (const stack of stacks) {
    for (const worker of stack.workers) {
      const version = mostOf(worker);
      if (version === undefined) continue;
      const members = families.get(worker.logicalId) ?? [];
      members.push({ environment: environmentOf(stack), stack, worker, version });
      families.set(worker.logicalId, members);
    }
  }
  return [...families].map(([logicalId, members]) => ({
    name: members[0]?.worker.key ?? logicalId.replace(/_[0-9A-F]{8}$/, ""),
    members,
  }));
}

/**
 * The one Worker that is meant.
 *
 * @throws InputError `WORKER_NOT_CHOSEN`
 */
export function chooseFamily(stacks: readonly Stack[], worker: string | undefined): Family {
  const families = familiesOf(stacks);
  const where = `stack '${stacks[0]?.name ?? ""}'`;
  const names = families.flatMap(({ members }) => members[0]?.worker.name ?? []);
  if (worker !== undefined) {
    const found = families.find(
      (one) => one.name === worker || one.members.some((each) => each.worker.name === worker),
    );
    if (found !== undefined) return found;
    throw new InputError(
      "WORKER_NOT_CHOSEN",
      `${where} has no Worker '${worker}'${didYouMean(worker, names)}`,
      names.length === 0 ? "it has none at all" : `Workers: ${names.join(", ")}`,
    );
  }
  const [only, ...others] = families;
  if (only !== undefined && others.length === 0) return only;
  throw new InputError(
    "WORKER_NOT_CHOSEN",
    only === undefined ? `${where} has no Worker` : `${where} has several Workers`,
    only === undefined ? "name a stack that has one" : `choose one with --worker: ${names.join(", ")}`,
  );
}

/** Whether everything a binding says is known before an apply. The id of what it binds is looked up elsewhere. */
export function isKnown({ stack, version }: Member, at: number): boolean {
  const path = `.${version.logicalId}.bindings[${at}].`;
  return !stack.unresolved.some((one) => one.path.includes(path));
}

function environmentOf({ name, environment, developer }: Stack): string {
  if (environment === undefined) return name;
  return developer === undefined ? environment : `${environment}-${developer}`;
}

function mostOf({ versions }: Worker): WorkerVersion | undefined {
  return [...versions].sort((a, b) => b.percentage - a.percentage)[0];
}
