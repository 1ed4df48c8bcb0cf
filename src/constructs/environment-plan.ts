import { distinctNamesProblems, environmentSetProblems } from "./environment-problems.js";
import type { EnvironmentNamespaceProps, EnvironmentSetProps, NameParts } from "./environment-props.js";
import type { KvNamespaceProps } from "./kv-namespace.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

/** One stack to be: everything inherited, overridden and named. */
export interface EnvironmentPlan {
  readonly app: string;
  readonly environment: string;
  readonly developer: string | undefined;
  readonly stackName: string;
  readonly isProtected: boolean;
  readonly namespaces: readonly (readonly [binding: string, props: KvNamespaceProps])[];
  /** What each namespace is for, by binding. */
  readonly purposes: Readonly<Record<string, string>>;
  readonly worker: WorkerWithKvBindingsProps | undefined;
}

/** Works out every stack of a set, or every problem of its props. Defines nothing. */
export function planEnvironments(set: EnvironmentSetProps): {
  readonly plans: readonly EnvironmentPlan[];
  readonly problems: readonly string[];
} {
  const problems = environmentSetProblems(set);
  if (problems.length > 0) return { plans: [], problems };
  const plans = Object.entries(set.environments).flatMap(([environment, { developers }]) =>
    (developers ?? [undefined]).map((developer) => planOne(set, environment, developer)),
  );
  return { plans, problems: distinctNamesProblems(plans.map(({ stackName }) => stackName)) };
}

function planOne(set: EnvironmentSetProps, environment: string, developer: string | undefined): EnvironmentPlan {
  const overrides = set.environments[environment] ?? {};
  const isProtected = overrides.protect ?? !/^(dev|preview)/.test(environment);
  const accountId = overrides.accountId ?? set.accountId;
  const account = accountId === undefined ? {} : { accountId };
  const person = developer === undefined ? {} : { developer };
  const name = (parts: Pick<NameParts, "kind" | "purpose">): string =>
    (set.naming ?? defaultName)({ ...parts, app: set.app, environment, ...person });

  const merged = Object.entries({ ...set.namespaces, ...given(overrides.namespaces) })
    .filter((entry): entry is [string, EnvironmentNamespaceProps] => entry[1] !== false)
    .map(([binding, props]) => [binding, { ...given(set.namespaces[binding]), ...given(props) }] as const)
    .map(([binding, props]) => [binding, props, props.purpose ?? defaultPurpose(set, binding)] as const);

  return {
    app: set.app,
    environment,
    developer,
    stackName: [set.app, environment, ...(developer === undefined ? [] : [developer])].join("-"),
    isProtected,
    namespaces: merged.map(([binding, { purpose: _, ...props }, purpose]) => [
      binding,
      {
        namespaceName: name({ kind: "namespace", ...(purpose !== undefined && { purpose }) }),
        preventDestroy: isProtected,
        ...account,
        ...props,
      },
    ]),
    purposes: Object.fromEntries(merged.map(([binding, , purpose]) => [binding, purpose ?? binding.toLowerCase()])),
    worker: planWorker(set, environment, { workerName: name({ kind: "worker" }), ...account }),
  };
}

function planWorker(
  { worker, environments }: EnvironmentSetProps,
  environment: string,
  defaults: Pick<WorkerWithKvBindingsProps, "workerName" | "accountId">,
): WorkerWithKvBindingsProps | undefined {
  const { worker: overrides, vars, routes } = environments[environment] ?? {};
  if (overrides === false || (worker === undefined && overrides === undefined)) return undefined;
  const merged = { ...defaults, ...given(worker), ...given(overrides) };
  return {
    ...merged,
    vars: { ...worker?.vars, ...overrides?.vars, ...vars },
    kv: { ...worker?.kv, ...overrides?.kv },
    ...(routes !== undefined && { routes }),
  };
}

/** Without what is undefined, which means the same as left out and must not replace what is inherited. */
function given<T extends object>(props: T | undefined): T | undefined {
  return props && (Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as T);
}

/** A set of one namespace needs no word for what it is for. */
function defaultPurpose(set: EnvironmentSetProps, binding: string): string | undefined {
  const isOnly = Object.keys(set.namespaces).length === 1 && binding in set.namespaces;
  return isOnly ? undefined : binding.toLowerCase().replace(/[_$]+/g, "-").replace(/^-|-$/g, "");
}

function defaultName({ app, purpose, environment, developer }: NameParts): string {
  return [app, purpose, environment, developer].filter((part) => part !== undefined).join("-");
}
