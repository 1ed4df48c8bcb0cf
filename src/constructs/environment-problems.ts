import { isBuiltInName, isSlug, SLUG_FORM } from "../kv/names.js";
import { closest, didYouMean } from "../suggest.js";
import { repeated } from "../values/text.js";
import type { EnvironmentNamespaceProps, EnvironmentProps, EnvironmentSetProps } from "./environment-props.js";
import { PREVIEW_VARIABLE, wantedPreview } from "./preview.js";
import { environmentWorkerProblems, setWorkerProblems } from "./environment-worker-problems.js";

/** Ids that each stack of a set needs for its other parts. */
const RESERVED = /^(cloudflare|backend|cfkv|Worker|namespace_ids|(.+_)?namespace_id)$/;

type Overrides = Readonly<Record<string, EnvironmentNamespaceProps | false>>;

/** Every broken rule of a set's props that is not a rule of one namespace or Worker. */
export function environmentSetProblems(set: EnvironmentSetProps): string[] {
  const environments = Object.entries(set.environments);
  const problems = [
    ...nameProblems("app", set.app),
    ...Object.entries(set.namespaces).flatMap(([binding, props]) => namespaceProblems(binding, props, "namespaces")),
    ...caseProblems(Object.keys(set.namespaces), "namespaces"),
    ...setWorkerProblems(set),
    ...environments.flatMap(([name, props]) => environmentProblems(set, name, props)),
  ];
  if (environments.length === 0) problems.push("environments must have at least one environment");
  return problems;
}

/** `shop-dev` with the developer `alice` and the environment `dev-alice` would be the same stack. */
export function distinctNamesProblems(stackNames: readonly string[]): string[] {
  return repeated(stackNames).map(
    (name) => `two environments make the stack '${name}': rename one of them, or the developer`,
  );
}

function environmentProblems(set: EnvironmentSetProps, name: string, props: EnvironmentProps): string[] {
  const where = `environment '${name}'`;
  return [
    ...nameProblems("environment name", name),
    ...overrideProblems(set, where, props.namespaces ?? {}),
    ...developerProblems(where, props.developers),
    ...previewProblems(where, props),
    ...environmentWorkerProblems(set, where, props),
  ];
}

function overrideProblems(set: EnvironmentSetProps, where: string, overrides: Overrides): string[] {
  const known = Object.keys(set.namespaces);
  const added = Object.keys(overrides).filter((binding) => !known.includes(binding));
  const problems = Object.entries(overrides).flatMap(([binding, props]) => {
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
  return [...problems, ...caseProblems(added, `${where}: namespaces`)];
}

function previewProblems(where: string, { perBranch, developers, protect }: EnvironmentProps): string[] {
  if (perBranch !== true) return [];
  const preview = wantedPreview();
  return [
    ...(developers === undefined ? [] : [`${where} cannot have developers and perBranch: remove one of them`]),
    ...(protect === true ? [`${where} cannot be perBranch and protected: previews are deleted`] : []),
    ...(preview === undefined ? [] : nameProblems(`${where}: ${PREVIEW_VARIABLE}`, preview)),
  ];
}

function developerProblems(where: string, developers: readonly string[] | undefined): string[] {
  if (developers === undefined) return [];
  const problems = developers.flatMap((developer) => nameProblems(`${where}: developer`, developer));
  if (developers.length === 0) problems.push(`${where}: developers must not be empty: remove it to get one stack`);
  return [...problems, ...repeated(developers).map((developer) => `${where} names developer '${developer}' twice`)];
}

function namespaceProblems(binding: string, { purpose }: EnvironmentNamespaceProps, where: string): string[] {
  const problems = purpose === undefined ? [] : nameProblems(`${where} '${binding}': purpose`, purpose);
  if (isBuiltInName(binding))
    problems.push(`${where}: '${binding}' cannot be a binding: every JavaScript object has a member of that name`);
  if (RESERVED.test(binding)) problems.push(`${where}: '${binding}' cannot be a binding: the stack uses it as an id`);
  return problems;
}

function caseProblems(bindings: readonly string[], where: string): string[] {
  const lower = bindings.map((binding) => binding.toLowerCase());
  return bindings
    .filter((binding, index) => lower.indexOf(binding.toLowerCase()) < index)
    .map(
      (binding) => `${where}: '${binding}' differs from another binding only in case, so their outputs would collide`,
    );
}

function nameProblems(what: string, name: string): string[] {
  return isSlug(name) ? [] : [`${what} must be ${SLUG_FORM}, got '${name}'`];
}
