import { workerKeyProblem } from "../kv/names.js";
import { closest, didYouMean } from "../suggest.js";
import type { EnvironmentProps, EnvironmentSetProps } from "./environment-props.js";
import type { EnvironmentWorkerOverrides, EnvironmentWorkerProps } from "./environment-worker-props.js";
import { removalProblems } from "./worker-merge.js";

/** Every broken rule of the names in a set's `workers`. */
export function setWorkerProblems({ workers = {} }: EnvironmentSetProps): string[] {
  return Object.keys(workers).flatMap((key) => keyProblems(key, "workers"));
}

/** Every broken rule of what one environment changes of the Workers. */
export function environmentWorkerProblems(set: EnvironmentSetProps, where: string, props: EnvironmentProps): string[] {
  const { worker, workers = {}, namespaces = {} } = props;
  const bindings = Object.entries({ ...set.namespaces, ...namespaces }).flatMap(([name, one]) =>
    one === false ? [] : name,
  );
  const all = new Map<string, EnvironmentWorkerOverrides | false>(Object.entries(workers));
  const hasSingle = worker !== false && (worker ?? set.worker) !== undefined;
  const keys = new Set([...Object.keys(set.workers ?? {}), ...all.keys()]);
  const hasSome = hasSingle || [...keys].some((key) => all.get(key) !== false);
  return [
    ...ineffectiveProblems(where, props, hasSingle, hasSome),
    ...(hasSingle ? overrideProblems(where, "worker", set.worker, worker, bindings) : []),
    ...(props.routes !== undefined && worker !== false && worker?.routes !== undefined
      ? [`${where} defines routes twice: its own and its worker's`]
      : []),
    ...[...all].flatMap(([key, overrides]) => unknownProblems(where, Object.keys(set.workers ?? {}), key, overrides)),
    ...[...keys].flatMap((key) => {
      const overrides = all.get(key);
      if (overrides === false) return [];
      return [
        ...(bindings.includes(key)
          ? [`${where}: '${key}' is the name of a namespace and of a worker: rename one of them`]
          : []),
        ...overrideProblems(where, `worker '${key}'`, set.workers?.[key], overrides, bindings),
      ];
    }),
  ];
}

/** Fields for Workers that would silently have no effect. */
function ineffectiveProblems(
  where: string,
  { vars, routes }: EnvironmentProps,
  hasSingle: boolean,
  hasSome: boolean,
): string[] {
  return [
    ...(vars !== undefined && !hasSome ? [`${where} has vars, but no worker that uses them`] : []),
    ...(routes !== undefined && !hasSingle
      ? [
          `${where} has routes, but no worker that uses them${hasSome ? ": write them to the one in workers that they lead to" : ""}`,
        ]
      : []),
  ];
}

function overrideProblems(
  where: string,
  owner: string,
  base: EnvironmentWorkerProps | undefined,
  overrides: EnvironmentWorkerOverrides | false | undefined,
  namespaces: readonly string[],
): string[] {
  if (overrides === false) return [];
  const bound = Object.keys({ ...base?.kv, ...overrides?.kv });
  return [
    ...namespaces
      .filter((binding) => bound.includes(binding))
      .map(
        (binding) =>
          `${where}: binding '${binding}' is defined twice: by namespaces and by the ${owner === "worker" ? "worker's kv" : `kv of ${owner}`}`,
      ),
    ...(overrides === undefined ? [] : removalProblems(`${where}: ${owner}`, base, overrides)),
  ];
}

/** A misspelt override must not become a new Worker. */
function unknownProblems(
  where: string,
  known: readonly string[],
  key: string,
  overrides: EnvironmentWorkerOverrides | false,
): string[] {
  if (known.includes(key)) return [];
  if (overrides === false)
    return [`${where} leaves out worker '${key}', which the set does not have${didYouMean(key, known)}`];
  const near = closest(key, known);
  if (near === undefined) return keyProblems(key, `${where}: workers`);
  return [
    `${where} overrides worker '${key}', which the set does not have (did you mean '${near}'?); ` +
      `to add it, define it in the set's workers and leave it out elsewhere with false`,
  ];
}

function keyProblems(key: string, where: string): string[] {
  const problem = workerKeyProblem(key);
  return problem === undefined ? [] : [`${where}: ${problem}`];
}
