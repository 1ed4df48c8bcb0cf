import { byText } from "../../values/text.js";
import type { Draft, DraftWorker } from "./draft.js";
import { field, isSame, object, type Written, written, type WrittenField, type WrittenObject } from "./written.js";

/** The props of an EnvironmentSet, ready to be written. */
export interface PlannedSet {
  readonly app: string;
  readonly props: WrittenObject;
}

/** Puts environments together: what all of them have in common becomes part of the set. */
export function planSet(app: string, drafts: readonly Draft[], notes: readonly string[] = []): PlannedSet {
  const workers = drafts.flatMap(({ worker }) => worker ?? []);
  const shared = sharedFields(workers.map(({ shared: fields }) => fields));
  const vars = sharedFields(workers.map(({ vars: fields }) => fields));
  const accounts = new Set(drafts.map(({ accountId }) => accountId));
  const [accountId] = accounts;
  const isOneAccount = accounts.size === 1;
  const bindings = [...new Set(drafts.flatMap(({ namespaces }) => [...namespaces.keys()]))].sort(byText);
  const common = new Map(bindings.map((binding) => [binding, commonFields(drafts, binding)]));
  const comments = commonComments(drafts);

  const environments = drafts.map((draft) =>
    field(
      draft.name,
      object(
        [
          ...(isOneAccount || draft.accountId === undefined ? [] : [field("accountId", written(draft.accountId))]),
          ...listed("namespaces", namespaceOverrides(draft, common)),
          ...workerOverrides(named(draft.worker, `${app}-${draft.name}`), workers.length > 0, shared, vars),
        ],
        draft.comments.filter((comment) => !comments.has(comment)),
      ),
      [draft.source],
    ),
  );
  const worker = [...withVars(shared, vars)];
  const props = object(
    [
      field("app", written(app)),
      ...(isOneAccount && accountId !== undefined ? [field("accountId", written(accountId))] : []),
      field("namespaces", object([...common].map(([binding, fields]) => field(binding, object(fields))))),
      ...listed("worker", worker),
      field("environments", object(environments)),
    ],
    [...comments, ...notes],
  );
  return { app, props };
}

/** The fields that every list has, and has with the same value. */
function sharedFields(lists: readonly (readonly WrittenField[])[]): readonly WrittenField[] {
  const [first = [], ...others] = lists;
  return first.filter((one) => others.every((list) => list.some((other) => isSame(one, other))));
}

/** Fields of a namespace that are the same in every environment that has it; its id and title never are. */
function commonFields(drafts: readonly Draft[], binding: string): readonly WrittenField[] {
  const lists = drafts.flatMap(({ namespaces }) => namespaces.get(binding)?.fields ?? []);
  const owners = drafts.filter(({ namespaces }) => namespaces.has(binding)).length;
  return lists.filter(
    (one, at) =>
      one.name !== "adopt" &&
      one.name !== "namespaceName" &&
      lists.findIndex((other) => isSame(one, other)) === at &&
      lists.filter((other) => isSame(one, other)).length === owners,
  );
}

function commonComments(drafts: readonly Draft[]): ReadonlySet<string> {
  const [first, ...others] = drafts.filter(({ isPreview }) => !isPreview);
  const comments = first?.comments ?? [];
  return new Set(comments.filter((one) => others.every((other) => other.comments.includes(one))));
}

function namespaceOverrides(
  { namespaces }: Draft,
  common: ReadonlyMap<string, readonly WrittenField[]>,
): readonly WrittenField[] {
  return [...common].flatMap(([binding, known]) => {
    const own = namespaces.get(binding);
    // An environment has all namespaces of the set unless it says otherwise.
    if (own === undefined) return [field(binding, written(false))];
    const fields = own.fields.filter((one) => !known.includes(one) && !known.some((other) => isSame(one, other)));
    if (fields.length === 0 && own.comments.length === 0) return [];
    return [field(binding, object(fields), own.comments)];
  });
}

/** A Worker without the name that the set would give it anyway. */
function named(worker: DraftWorker | undefined, name: string): DraftWorker | undefined {
  const usual = field("workerName", written(name));
  return worker && { ...worker, own: worker.own.filter((one) => !isSame(one, usual)) };
}

function workerOverrides(
  worker: DraftWorker | undefined,
  isAny: boolean,
  shared: readonly WrittenField[],
  vars: readonly WrittenField[],
): readonly WrittenField[] {
  if (worker === undefined) return isAny ? [field("worker", written(false))] : [];
  const isOwn = (common: readonly WrittenField[]) => (one: WrittenField) => !common.some((other) => isSame(one, other));
  const fields = withVars(worker.shared.filter(isOwn(shared)), worker.vars.filter(isOwn(vars)));
  // Only the same Worker everywhere, with nothing of its own, is no override at all.
  return listed("worker", [
    ...worker.own.filter(({ name }) => FIRST.has(name)),
    ...fields,
    ...worker.own.filter(({ name }) => !FIRST.has(name)),
  ]);
}

/** Fields that come before those of the code and the bindings. */
const FIRST: ReadonlySet<string> = new Set(["workerName"]);

/** Vars stand behind the code and its settings. */
function withVars(fields: readonly WrittenField[], vars: readonly WrittenField[]): readonly WrittenField[] {
  if (vars.length === 0) return fields;
  const at = fields.findIndex(({ name }) => !BEFORE_VARS.has(name));
  const split = at === -1 ? fields.length : at;
  return [...fields.slice(0, split), field("vars", object(vars)), ...fields.slice(split)];
}

const BEFORE_VARS: ReadonlySet<string> = new Set(["code", "compatibilityDate", "compatibilityFlags"]);

function listed(name: string, fields: readonly WrittenField[]): readonly WrittenField[] {
  return fields.length === 0 ? [] : [field(name, object(fields) satisfies Written)];
}
