import type {
  EnvironmentD1Props,
  EnvironmentWorkerOverrides,
  EnvironmentWorkerProps,
} from "./environment-worker-props.js";
import type { OtherBinding } from "./binding-props.js";
import { didYouMean } from "../suggest.js";

/** The kinds of bindings that are maps by name, and that `false` leaves out. */
const BY_NAME = ["d1", "services", "durableObjects", "queues", "rateLimits"] as const;

type ByName = Readonly<Record<string, unknown>>;

/** A Worker of an environment, with `bindings` as a list. */
export type MergedWorker = Omit<EnvironmentWorkerProps, "bindings"> & { readonly bindings?: readonly OtherBinding[] };

/**
 * A Worker with what an environment changes: bindings by name, all other fields as a whole. A kind of bindings that the
 * environment has none of, as in `services: {}`, is left out as a whole.
 */
export function mergedWorker(
  base: EnvironmentWorkerProps | undefined,
  overrides: EnvironmentWorkerOverrides | undefined,
): MergedWorker {
  const { bindings: _, ...fields } = { ...given(base), ...given(overrides) } as EnvironmentWorkerProps;
  const kinds = BY_NAME.filter((kind) => (base?.[kind] ?? overrides?.[kind]) !== undefined).map(
    (kind) => [kind, mergedKind(kind, base?.[kind], overrides?.[kind])] as const,
  );
  const bindings = mergedBindings(base?.bindings, overrides?.bindings);
  return {
    ...fields,
    ...Object.fromEntries(kinds),
    ...(fields.vars !== undefined && { vars: { ...base?.vars, ...overrides?.vars } }),
    ...(fields.kv !== undefined && { kv: { ...base?.kv, ...overrides?.kv } }),
    ...(bindings !== undefined && { bindings }),
  };
}

/** Names that an environment leaves out although the set's Worker does not have them. */
export function removalProblems(
  where: string,
  base: EnvironmentWorkerProps | undefined,
  overrides: EnvironmentWorkerOverrides,
): string[] {
  const kinds = [
    ...BY_NAME.map((kind) => [kind, Object.keys(base?.[kind] ?? {}), leftOut(overrides[kind] ?? {})] as const),
    ["bindings", listed(base?.bindings).map(({ name }) => name), removed(overrides.bindings)] as const,
  ];
  return kinds.flatMap(([kind, known, names]) =>
    names
      .filter((name) => !known.includes(name))
      .map((name) => `${where} leaves out ${kind} '${name}', which the set's does not have${didYouMean(name, known)}`),
  );
}

/** Without undefined fields: they mean the same as missing ones and must not replace what is inherited. */
export function given<T extends object>(props: T | undefined): T | undefined {
  return props && (Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as T);
}

function leftOut(changes: ByName): readonly string[] {
  return Object.keys(changes).filter((name) => changes[name] === false);
}

function mergedKind(kind: (typeof BY_NAME)[number], base: ByName = {}, overrides: ByName | undefined): ByName {
  const isEmpty = overrides !== undefined && Object.keys(overrides).length === 0;
  const merged = Object.entries(isEmpty ? {} : { ...base, ...given(overrides) }).flatMap(([name, value]) => {
    if (value === false) return [];
    const before = base[name] as EnvironmentD1Props | undefined;
    const change = overrides?.[name] as EnvironmentD1Props | undefined;
    if (kind !== "d1" || before === undefined || change === undefined) return [[name, value] as const];
    return [[name, mergedDatabase(before, change)] as const];
  });
  return Object.fromEntries(merged);
}

/** By field, like a namespace; but which database it is, three fields say together. */
function mergedDatabase(before: EnvironmentD1Props, change: EnvironmentD1Props): EnvironmentD1Props {
  const changed = { ...given(change) };
  if (changed.worker !== undefined) return changed;
  const { databaseName: _name, databaseId: _id, worker: _worker, ...ofAny } = before;
  if (changed.databaseName !== undefined) return { ...ofAny, ...changed };
  if (changed.databaseId === undefined) return { ...before, ...changed };
  const { readReplication: _replicas, preventDestroy: _protection, renamedFrom: _former, ...ofExisting } = ofAny;
  return { ...ofExisting, ...changed };
}

function mergedBindings(
  base: EnvironmentWorkerProps["bindings"],
  overrides: EnvironmentWorkerOverrides["bindings"],
): readonly OtherBinding[] | undefined {
  if (base === undefined && overrides === undefined) return undefined;
  if (overrides !== undefined && Object.keys(overrides).length === 0) return [];
  const added = listed(overrides);
  const changed = new Set([...added.map(({ name }) => name), ...removed(overrides)]);
  return [...listed(base).filter(({ name }) => !changed.has(name)), ...added];
}

/** As a list: under the name of each, or as they are. */
function listed(bindings: EnvironmentWorkerOverrides["bindings"]): readonly OtherBinding[] {
  if (isList(bindings)) return bindings;
  return Object.entries(bindings ?? {}).flatMap(([name, binding]) => (binding === false ? [] : { ...binding, name }));
}

function removed(bindings: EnvironmentWorkerOverrides["bindings"]): readonly string[] {
  if (isList(bindings)) return [];
  return Object.entries(bindings ?? {}).flatMap(([name, binding]) => (binding === false ? name : []));
}

function isList(bindings: EnvironmentWorkerOverrides["bindings"]): bindings is readonly OtherBinding[] {
  return Array.isArray(bindings);
}
