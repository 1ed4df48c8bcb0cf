import type { Leaving } from "../lock/index.js";
import { isTemporaryEnvironment } from "./environment-names.js";
import { distinctNamesProblems, environmentSetProblems } from "./environment-problems.js";
import type {
  EnvironmentNamespaceProps,
  EnvironmentProps,
  EnvironmentSetProps,
  NameParts,
} from "./environment-props.js";
import type { KvNamespaceProps } from "./kv-namespace-props.js";
import { given } from "./worker-merge.js";
import { wantedPreview } from "./preview.js";
import { planWorkers, type WorkerPlan } from "./worker-plan.js";
import { siblingProblems } from "./worker-siblings.js";

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
  /** The Workers, those that others call first. */
  readonly workers: readonly WorkerPlan[];
  /** What may leave the stack, as named by the set and the environment. */
  readonly leaving: Leaving;
}

type Naming = Pick<NameParts, "kind" | "purpose" | "worker">;

/** Works out every stack of a set, or every problem of its props. Defines nothing. */
export function planEnvironments(set: EnvironmentSetProps): {
  readonly plans: readonly EnvironmentPlan[];
  readonly problems: readonly string[];
} {
  const problems = environmentSetProblems(set);
  if (problems.length > 0) return { plans: [], problems };
  const plans = Object.entries(set.environments).flatMap(([environment, props]) =>
    copiesOf(props).map((developer) => planOne(set, environment, developer)),
  );
  return {
    plans,
    problems: [
      ...distinctNamesProblems(plans.map(({ stackName }) => stackName)),
      // Developers' copies of an environment differ in their names alone.
      ...Object.keys(set.environments).flatMap((name) => {
        const plan = plans.find(({ environment }) => environment === name);
        return plan === undefined ? [] : siblingProblems(`environment '${name}'`, plan.workers);
      }),
    ],
  };
}

/** Whose copies of an environment there are: the developers', or the preview that is asked for, if any. */
function copiesOf({ developers, perBranch }: EnvironmentProps): readonly (string | undefined)[] {
  if (perBranch !== true) return developers ?? [undefined];
  const preview = wantedPreview();
  return preview === undefined ? [] : [preview];
}

function planOne(set: EnvironmentSetProps, environment: string, developer: string | undefined): EnvironmentPlan {
  const overrides = set.environments[environment] ?? {};
  const isProtected = overrides.protect ?? (overrides.perBranch !== true && !isTemporaryEnvironment(environment));
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
    workers: planWorkers(set, environment, {
      name: (worker) => name({ kind: "worker", ...(worker !== undefined && { worker }) }),
      account,
      databaseDefaults: (binding) => ({
        databaseName: name({ kind: "database", purpose: wordOf(binding) }),
        preventDestroy: isProtected,
      }),
    }),
  };
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

function defaultName({ app, worker, purpose, environment, developer }: NameParts): string {
  return [app, worker, purpose, environment, developer].filter((part) => part !== undefined).join("-");
}
