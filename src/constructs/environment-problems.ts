import { closest, didYouMean } from "../suggest.js";
import {
  ENVIRONMENT_FIELDS,
  type EnvironmentNamespaceProps,
  type EnvironmentProps,
  type EnvironmentSetProps,
  type EnvironmentWorkerProps,
  NAMESPACE_FIELDS,
  SET_FIELDS,
} from "./environment-props.js";
import { unknownFields } from "./problems.js";
import { WORKER_FIELDS } from "./worker-props.js";

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const WORKER_FIELDS_HERE = WORKER_FIELDS.filter((field) => field !== "accountId");

/** Every broken rule of a set's props that is not a rule of one namespace or Worker. */
export function environmentSetProblems(set: EnvironmentSetProps): string[] {
  const bindings = Object.keys(set.namespaces);
  const environments = Object.entries(set.environments);
  const problems = [
    ...unknownFields(set, SET_FIELDS, "EnvironmentSet"),
    ...nameProblems("app", set.app),
    ...workerFields(set.worker, "worker"),
    ...Object.entries(set.namespaces).flatMap(([binding, props]) => namespaceProblems(binding, props, "namespaces")),
    ...environments.flatMap(([name, props]) => environmentProblems(set, name, props)),
  ];
  if (environments.length === 0) problems.push("environments must have at least one environment");
  const lower = bindings.map((binding) => binding.toLowerCase());
  for (const binding of bindings.filter((name, index) => lower.indexOf(name.toLowerCase()) < index)) {
    problems.push(`namespaces: '${binding}' differs from another binding by case alone, their outputs would collide`);
  }
  return problems;
}

/** `shop-dev` with the developer `alice` and the environment `dev-alice` would be the same stack. */
export function distinctNamesProblems(stackNames: readonly string[]): string[] {
  return stackNames
    .filter((name, index) => stackNames.indexOf(name) < index)
    .map((name) => `two environments make the stack '${name}': rename one of them, or the developer`);
}

function environmentProblems(set: EnvironmentSetProps, name: string, props: EnvironmentProps): string[] {
  const where = `environment '${name}'`;
  const problems = [
    ...nameProblems("environment name", name),
    ...unknownFields(props, ENVIRONMENT_FIELDS, where),
    ...overrideProblems(set, where, props.namespaces ?? {}),
    ...developerProblems(where, props.developers),
  ];
  const { worker } = props;
  if (worker !== false) problems.push(...workerFields(worker, `${where}: worker`));
  const hasWorker = worker !== false && (worker ?? set.worker) !== undefined;
  for (const field of ["vars", "routes"] as const) {
    if (props[field] !== undefined && !hasWorker) problems.push(`${where} has ${field}, but no worker to give them to`);
  }
  return problems;
}

function overrideProblems(
  set: EnvironmentSetProps,
  where: string,
  overrides: Readonly<Record<string, EnvironmentNamespaceProps | false>>,
): string[] {
  const known = Object.keys(set.namespaces);
  return Object.entries(overrides).flatMap(([binding, props]) => {
    if (known.includes(binding))
      return props === false ? [] : namespaceProblems(binding, props, `${where}: namespaces`);
    if (props === false) {
      return [`${where} leaves out namespace '${binding}', which the set does not have${didYouMean(binding, known)}`];
    }
    const near = closest(binding, known);
    if (near !== undefined) {
      // A misspelt override must not become a new, empty namespace.
      return [
        `${where} overrides namespace '${binding}', which the set does not have (did you mean '${near}'?); ` +
          `to add it, define it in the set's namespaces and leave it out elsewhere with false`,
      ];
    }
    return namespaceProblems(binding, props, `${where}: namespaces`);
  });
}

function developerProblems(where: string, developers: readonly string[] | undefined): string[] {
  if (developers === undefined) return [];
  const problems = developers.flatMap((developer) => nameProblems(`${where}: developer`, developer));
  if (developers.length === 0) problems.push(`${where}: developers must not be empty: leave it out for one stack`);
  const twice = developers.filter((developer, index) => developers.indexOf(developer) < index);
  return [...problems, ...[...new Set(twice)].map((developer) => `${where} names developer '${developer}' twice`)];
}

function namespaceProblems(binding: string, props: EnvironmentNamespaceProps, where: string): string[] {
  const problems = unknownFields(props, NAMESPACE_FIELDS, `${where} '${binding}'`);
  if (props.purpose !== undefined) problems.push(...nameProblems(`${where} '${binding}': purpose`, props.purpose));
  return problems;
}

function workerFields(worker: EnvironmentWorkerProps | undefined, where: string): string[] {
  return worker === undefined ? [] : unknownFields(worker, WORKER_FIELDS_HERE, where);
}

function nameProblems(what: string, name: string): string[] {
  return NAME.test(name) ? [] : [`${what} must be lower-case letters and digits, joined by single '-', got '${name}'`];
}
