import { SINGLE_WORKER } from "../kv/names.js";
import type { D1Props } from "./binding-props.js";
import type { EnvironmentSetProps } from "./environment-props.js";
import type {
  EnvironmentD1Props,
  EnvironmentWorkerOverrides,
  EnvironmentWorkerProps,
} from "./environment-worker-props.js";
import { given, type MergedWorker, mergedWorker } from "./worker-merge.js";

/** A Worker of an environment, with everything inherited, overridden and named. */
export interface WorkerPlan {
  /** Its name in the set's `workers`; {@link SINGLE_WORKER} for the set's `worker`. */
  readonly key: string;
  /** The id of its construct. */
  readonly id: string;
  readonly props: PlannedWorker;
}

/** What is left to do: references to other Workers of the environment. */
export type PlannedWorker = MergedWorker & { readonly workerName: string; readonly accountId?: string };

/** What an environment gives its Workers. */
export interface WorkerDefaults {
  /** Makes a Worker's name. */
  readonly name: (worker: string | undefined) => string;
  readonly account: { readonly accountId?: string };
  /** Databases to create are named and protected like the environment's namespaces. */
  readonly databaseDefaults: (binding: string) => Pick<D1Props, "databaseName" | "preventDestroy">;
}

/** The Workers of one environment in the order of their declaration. */
export function planWorkers(set: EnvironmentSetProps, environment: string, defaults: WorkerDefaults): WorkerPlan[] {
  const { worker, workers = {}, vars, routes } = set.environments[environment] ?? {};
  const names = new Set([...Object.keys(set.workers ?? {}), ...Object.keys(workers)]);
  const single = planOne(set.worker, worker, vars, defaults, undefined);
  return [
    ...(single === undefined
      ? []
      : [{ key: SINGLE_WORKER, id: "Worker", props: { ...single, ...(routes !== undefined && { routes }) } }]),
    ...[...names].flatMap((key) => {
      const props = planOne(set.workers?.[key], workers[key], vars, defaults, key);
      return props === undefined ? [] : [{ key, id: key, props }];
    }),
  ];
}

function planOne(
  base: EnvironmentWorkerProps | undefined,
  overrides: EnvironmentWorkerOverrides | false | undefined,
  vars: EnvironmentWorkerProps["vars"],
  { name, account, databaseDefaults }: WorkerDefaults,
  key: string | undefined,
): PlannedWorker | undefined {
  if (overrides === false || (base ?? overrides) === undefined) return undefined;
  const merged = mergedWorker(base, overrides);
  const databases = Object.entries(merged.d1 ?? {}).map(
    ([binding, props]) =>
      [binding, isElsewhere(props) ? props : { ...databaseDefaults(binding), ...given(props) }] as const,
  );
  return {
    workerName: name(key),
    ...account,
    ...merged,
    vars: { ...merged.vars, ...vars },
    ...(merged.d1 !== undefined && { d1: Object.fromEntries(databases) }),
  };
}

/** Whether a database is not created here. */
function isElsewhere({ databaseId, worker }: EnvironmentD1Props): boolean {
  return databaseId !== undefined || worker !== undefined;
}
