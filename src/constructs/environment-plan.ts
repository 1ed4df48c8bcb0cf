import type { Leaving } from "../lock/index.js";
import type { D1Props } from "./binding-props.js";
import { isTemporaryEnvironment } from "./environment-names.js";
import { distinctNamesProblems, environmentSetProblems } from "./environment-problems.js";
import type { EnvironmentNamespaceProps, EnvironmentSetProps, NameParts } from "./environment-props.js";
import type { KvNamespaceProps } from "./kv-namespace-props.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

/** A planned stack, with everything inherited, overridden and named. */
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
  /** What may leave the stack, as named by the set and the environment. */
  readonly leaving: Leaving;
}

type Naming = Pick<NameParts, "kind" | "purpose">;
type Databases = Readonly<Record<string, D1Props>>;

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
  const isProtected = overrides.protect ?? !isTemporaryEnvironment(environment);
  const accountId = overrides.accountId ?? set.accountId;
  const account = accountId === undefined ? {} : { accountId };
  const person = developer === undefined ? {} : { developer };
  const name = (parts: Naming): string =>
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
    leaving: {
      retired: [...(set.retired ?? []), ...(overrides.retired ?? [])],
      deleted: [...(set.deleted ?? []), ...(overrides.deleted ?? [])],
    },
    worker: planWorker(set, environment, { workerName: name({ kind: "worker" }), ...account }, (d1) =>
      planDatabases(d1, name, isProtected),
    ),
  };
}

function planWorker(
  { worker, environments }: EnvironmentSetProps,
  environment: string,
  defaults: Pick<WorkerWithKvBindingsProps, "workerName" | "accountId">,
  databases: (d1: Databases) => Databases,
): WorkerWithKvBindingsProps | undefined {
  const { worker: overrides, vars, routes } = environments[environment] ?? {};
  if (overrides === false || (worker === undefined && overrides === undefined)) return undefined;
  const merged = { ...defaults, ...given(worker), ...given(overrides) };
  return {
    ...merged,
    vars: { ...worker?.vars, ...overrides?.vars, ...vars },
    kv: { ...worker?.kv, ...overrides?.kv },
    ...(merged.d1 !== undefined && { d1: databases(merged.d1) }),
    ...(routes !== undefined && { routes }),
  };
}

/** Databases to create are named and protected like the environment's namespaces. */
function planDatabases(d1: Databases, name: (parts: Naming) => string, isProtected: boolean): Databases {
  const planned = Object.entries(d1).map(([binding, props]) => {
    if (props.databaseId !== undefined) return [binding, props] as const;
    const databaseName = name({ kind: "database", purpose: wordOf(binding) });
    return [binding, { databaseName, preventDestroy: isProtected, ...given(props) }] as const;
  });
  return Object.fromEntries(planned);
}

/** Without undefined fields: they mean the same as missing ones and must not replace what is inherited. */
function given<T extends object>(props: T | undefined): T | undefined {
  return props && (Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as T);
}

/** A set with one namespace needs no purpose in its name. */
function defaultPurpose(set: EnvironmentSetProps, binding: string): string | undefined {
  const isOnly = Object.keys(set.namespaces).length === 1 && binding in set.namespaces;
  return isOnly ? undefined : wordOf(binding);
}

/** A binding as a part of names: `MAIN_DB` as `main-db`. */
function wordOf(binding: string): string {
  return binding.toLowerCase().replace(/[_$]+/g, "-").replace(/^-|-$/g, "");
}

function defaultName({ app, purpose, environment, developer }: NameParts): string {
  return [app, purpose, environment, developer].filter((part) => part !== undefined).join("-");
}
