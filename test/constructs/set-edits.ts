import fc from "fast-check";
import { type EnvironmentSetProps, Rollout, WorkerCode } from "../../src/index.js";
import { ACCOUNT } from "./samples.js";

/** A set as its author has it in mind, so that it can be edited. */
export interface SetModel {
  readonly namespaces: readonly {
    readonly binding: string;
    readonly purpose?: string;
    readonly renamedFrom?: string;
  }[];
  readonly worker: boolean;
  readonly gradual: boolean;
  readonly adopt: boolean;
  readonly databases: readonly {
    readonly binding: string;
    readonly databaseName?: string;
    readonly renamedFrom?: string;
  }[];
  readonly environments: readonly string[];
  /** The construct that the set is defined in. */
  readonly group: string;
  readonly retired: readonly string[];
  readonly deleted: readonly string[];
  /** The binding that has left last, and may be given to another namespace. */
  readonly free?: string;
}

type Line = "retired" | "deleted" | "none";
export type Edit = (model: SetModel) => SetModel;

const BINDINGS = ["SESSIONS", "CACHE", "AUTH", "CONFIG", "FLAGS"];
const PURPOSES = ["session", "cache", "auth", "config"];
const DATABASES = ["DB", "ROWS", "ORDERS"];
const ENVIRONMENTS = ["dev", "staging", "prod", "preview"];

const binding = fc.constantFrom(...BINDINGS);
const purpose = fc.option(fc.constantFrom(...PURPOSES), { nil: undefined });
const line = fc.constantFrom<Line>("retired", "retired", "deleted", "deleted", "none");
const database = fc.constantFrom(...DATABASES);

export const firstSet: fc.Arbitrary<SetModel> = fc
  .record({
    namespaces: fc.uniqueArray(binding, { minLength: 1, maxLength: 4 }),
    worker: fc.boolean(),
    gradual: fc.constantFrom(false, false, true),
    databases: fc.uniqueArray(database, { maxLength: 2 }),
    environments: fc.subarray(ENVIRONMENTS, { minLength: 1 }),
    group: fc.constantFrom("", "", "Group"),
  })
  .map(({ namespaces, databases, ...rest }) => ({
    ...rest,
    adopt: false,
    namespaces: namespaces.map((each) => ({ binding: each })),
    databases: rest.gradual ? [] : databases.map((each) => ({ binding: each })),
    retired: [],
    deleted: [],
  }));

/** A change that people make, with what they write beside it or forget to. */
export const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: edits(
      renameBinding,
      fc.tuple(fc.nat(), binding, fc.constantFrom("purpose", "renamedFrom", "renamedFrom", "nothing")),
    ),
  },
  { weight: 2, arbitrary: edits(changePurpose, fc.tuple(fc.nat(), purpose, fc.constantFrom(true, true, false))) },
  { weight: 3, arbitrary: edits(remove, fc.tuple(fc.nat(), line)) },
  { weight: 3, arbitrary: edits(add, fc.tuple(binding, purpose)) },
  { weight: 3, arbitrary: edits(takeFreeBinding, fc.tuple(fc.constantFrom(...PURPOSES))) },
  { weight: 1, arbitrary: edits(swap, fc.tuple(fc.nat(), fc.nat(), fc.boolean())) },
  { weight: 1, arbitrary: edits(reverse, fc.tuple()) },
  { weight: 2, arbitrary: edits(toggleEnvironment, fc.tuple(fc.constantFrom(...ENVIRONMENTS), fc.boolean())) },
  { weight: 2, arbitrary: edits(toggleWorker, fc.tuple(line)) },
  { weight: 1, arbitrary: edits(toggleRollout, fc.tuple(fc.boolean())) },
  {
    weight: 3,
    arbitrary: edits(
      changeDatabase,
      fc.tuple(database, database, line, fc.constantFrom("name", "renamedFrom", "nothing")),
    ),
  },
  { weight: 1, arbitrary: edits(nest, fc.tuple()) },
);

/** A namespace leaves, and another one takes its binding, as happens seldom by chance. */
export const replacement: fc.Arbitrary<Edit[]> = fc.tuple(
  edits(remove, fc.tuple(fc.nat(), fc.constantFrom<Line>("retired", "deleted"))),
  edits(takeFreeBinding, fc.tuple(fc.constantFrom(...PURPOSES))),
);

/** Edits that say in a failure's report what they are. */
function edits<Args extends unknown[]>(make: (...args: Args) => Edit, args: fc.Arbitrary<Args>): fc.Arbitrary<Edit> {
  return args.map((given) =>
    Object.assign(make(...given), { [fc.toStringMethod]: () => `${make.name} ${fc.stringify(given)}` }),
  );
}

function reverse(): Edit {
  return (model) => ({ ...model, namespaces: [...model.namespaces].reverse() });
}

function toggleRollout(adopt: boolean): Edit {
  return (model) => ({ ...model, gradual: !model.gradual, adopt });
}

function nest(): Edit {
  return (model) => ({ ...model, group: model.group === "" ? "Group" : "" });
}

/** Lines that are for one synthesis go with the next edit, or are left there, as people do. */
export function withoutLines(model: SetModel): SetModel {
  return {
    ...model,
    adopt: false,
    namespaces: model.namespaces.map(({ renamedFrom: _, ...each }) => each),
    databases: model.databases.map(({ renamedFrom: _, ...each }) => each),
    retired: [],
    deleted: [],
  };
}

const code = WorkerCode.fromInline("export default {};");

export function propsOf(model: SetModel): EnvironmentSetProps {
  const { namespaces, worker, gradual, adopt, databases, environments, retired, deleted } = model;
  const byBinding = <T extends { readonly binding: string }>(all: readonly T[]) =>
    Object.fromEntries(all.map(({ binding: name, ...props }) => [name, props]));
  return {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: byBinding(namespaces),
    ...(worker && {
      worker: {
        code,
        ...(databases.length > 0 && { d1: byBinding(databases) }),
        ...(gradual && { rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) }),
        ...(adopt && { adopt: true }),
      },
    }),
    environments: Object.fromEntries(environments.map((name) => [name, name === "dev" ? { developers: ["ada"] } : {}])),
    retired,
    deleted,
  };
}

function renameBinding(index: number, to: string, how: string): Edit {
  return (model) =>
    withNamespace(model, index, ({ binding: from, purpose: word }) => ({
      binding: to,
      ...(how === "renamedFrom" ? { renamedFrom: from } : {}),
      ...(how === "purpose" ? { purpose: word ?? from.toLowerCase() } : word !== undefined && { purpose: word }),
    }));
}

function changePurpose(index: number, to: string | undefined, says: boolean): Edit {
  return (model) =>
    withNamespace(model, index, ({ binding: name }) => ({
      binding: name,
      ...(to !== undefined && { purpose: to }),
      ...(says && { renamedFrom: name }),
    }));
}

function withNamespace(
  model: SetModel,
  index: number,
  change: (one: SetModel["namespaces"][number]) => SetModel["namespaces"][number],
): SetModel {
  const at = index % Math.max(1, model.namespaces.length);
  return { ...model, namespaces: model.namespaces.map((one, place) => (place === at ? change(one) : one)) };
}

function remove(index: number, as: Line): Edit {
  return (model) => {
    const gone = model.namespaces[index % Math.max(1, model.namespaces.length)];
    if (gone === undefined) return model;
    const namespaces = model.namespaces.filter((one) => one !== gone);
    return withLine({ ...model, namespaces, free: gone.binding }, as, gone.binding);
  };
}

function add(name: string, word: string | undefined): Edit {
  return (model) => ({
    ...model,
    namespaces: [
      ...model.namespaces.filter((one) => one.binding !== name),
      { binding: name, ...(word !== undefined && { purpose: word }) },
    ],
  });
}

/** Another namespace takes the binding of one that has left, whose address a state may still know. */
function takeFreeBinding(word: string): Edit {
  return (model) => (model.free === undefined ? model : add(model.free, `new-${word}`)(model));
}

/** Two namespaces swap their bindings, or their names. */
function swap(one: number, other: number, says: boolean): Edit {
  return (model) => {
    const { namespaces } = model;
    const [left, right] = [
      namespaces[one % Math.max(1, namespaces.length)],
      namespaces[other % Math.max(1, namespaces.length)],
    ];
    if (left === undefined || right === undefined || left === right) return model;
    const as = (from: typeof left, to: typeof left) => ({
      binding: to.binding,
      purpose: from.purpose ?? from.binding.toLowerCase(),
      ...(says && { renamedFrom: from.binding }),
    });
    return {
      ...model,
      namespaces: namespaces.map((each) => (each === left ? as(right, left) : each === right ? as(left, right) : each)),
    };
  };
}

function toggleEnvironment(name: string, says: boolean): Edit {
  return (model) => {
    if (!model.environments.includes(name)) return { ...model, environments: [...model.environments, name] };
    const rest = model.environments.filter((one) => one !== name);
    if (rest.length === 0) return model;
    return withLine({ ...model, environments: rest }, says ? "retired" : "none", name);
  };
}

function toggleWorker(as: Line): Edit {
  return (model) => {
    if (!model.worker) return { ...model, worker: true };
    const gone = ["Worker", ...model.databases.map(({ binding: name }) => name)];
    return gone.reduce<SetModel>((each, name) => withLine(each, as, name), {
      ...model,
      worker: false,
      databases: [],
    });
  };
}

/** The first of two databases is added, or becomes the second one, or goes when it is both. */
function changeDatabase(from: string, to: string, as: Line, how: string): Edit {
  return (model) => {
    if (!model.worker || model.gradual) return model;
    const known = model.databases.find((one) => one.binding === from);
    if (known === undefined) return { ...model, databases: [...model.databases, { binding: from }] };
    const rest = model.databases.filter((one) => one !== known);
    if (from === to) return withLine({ ...model, databases: rest }, as, from);
    const name =
      how === "name" && model.environments.length === 1
        ? `shop-${from.toLowerCase()}-${model.environments[0] ?? ""}`
        : known.databaseName;
    const next = {
      binding: to,
      ...(name !== undefined && { databaseName: name }),
      ...(how === "renamedFrom" && { renamedFrom: from }),
    };
    return { ...model, databases: [...rest.filter((one) => one.binding !== to), next] };
  };
}

function withLine(model: SetModel, as: Line, name: string): SetModel {
  return as === "none" ? model : { ...model, [as]: [...model[as], name] };
}
