import { isObject } from "../../values/json.js";
import type { EnvironmentConfig } from "./config-schema.js";
import type { Repath } from "./draft-bindings.js";
import { draftWorker, fieldComments } from "./draft-worker.js";
import { decide, type Draft, type DraftNamespace, type DraftWorker, leftOut } from "./draft.js";
import type { LiveFacts } from "./live-facts.js";
import type { SourceEnvironment } from "./source-environments.js";
import { field, isSame, type Written, written, type WrittenField } from "./written.js";

/** What all environments of a configuration are drafted with. */
export interface DraftInput {
  /** The configuration, as messages name it. */
  readonly file: string;
  readonly repath: Repath;
  readonly live: LiveFacts | undefined;
  /**
   * The namespaces that sets of the same account manage already, by id, with who does.
   *
   * @default - none
   */
  readonly owners?: Map<string, string>;
}

/** Drafts the environments, and those that `preview_id` makes, as `dev`. */
export async function draftEnvironments(sources: readonly SourceEnvironment[], input: DraftInput): Promise<Draft[]> {
  const owners = input.owners ?? new Map<string, string>();
  const drafts: Draft[] = [];
  const workers = workerOwners(sources);
  for (const source of sources) drafts.push(await draftEnvironment(source, owners, workers, input));
  const names = new Set(sources.map(({ name }) => name));
  const previews: Draft[] = [];
  sources.forEach((source, at) => {
    const draft = drafts[at];
    const preview = draft && draftPreview(source, draft, owners, names, input);
    if (preview !== undefined) previews.push(preview);
  });
  return [...previews, ...drafts];
}

/** The environment that manages each Worker: of several with one name, the last, as the top level is often unused. */
function workerOwners(sources: readonly SourceEnvironment[]): ReadonlyMap<string, string> {
  return new Map(sources.map(({ name, config }) => [workerKey(config), name]));
}

function workerKey({ account_id: accountId = "", name = "" }: EnvironmentConfig): string {
  return `${accountId} ${name}`;
}

async function draftEnvironment(
  { name, config, path }: SourceEnvironment,
  owners: Map<string, string>,
  workers: ReadonlyMap<string, string>,
  { file, repath, live }: DraftInput,
): Promise<Draft> {
  const accountId = config.account_id || undefined;
  const titles = await live?.namespaceTitles(accountId);
  const manager = workers.get(workerKey(config));
  const { worker, comments } =
    manager === name || config.name === undefined
      ? await draftWorker({ config, repath, live })
      : {
          worker: undefined,
          comments: [decide(`the Worker '${config.name}' is the one of '${manager}', which manages it`)],
        };
  const namespaces = new Map<string, DraftNamespace>();
  const shared: { readonly binding: string; readonly id: string }[] = [];
  const notes: string[] = [];
  for (const { binding, id: given, preview_id: _, ...rest } of config.kv_namespaces ?? []) {
    const id = given || undefined;
    if (rest.remote !== undefined)
      notes.push(leftOut(`remote of kv_namespaces '${binding}'`, "only wrangler dev reads it"));
    const owner = id === undefined ? undefined : owners.get(id);
    if (id !== undefined && owner !== undefined) {
      shared.push({ binding, id });
      notes.push(
        decide(`'${binding}' is the namespace of ${owner}, which manages it: give this one its own, or keep it shared`),
      );
      continue;
    }
    if (id !== undefined) owners.set(id, `'${binding}' of '${name}'`);
    namespaces.set(binding, draftNamespace(binding, id, titles, file, defaultsOf(config, binding)));
    if (id !== undefined && titles === undefined && !notes.includes(NO_TITLES)) notes.push(NO_TITLES);
  }
  return {
    name,
    source: path.length === 0 ? `the top level of ${file}` : `${path.join(".")} of ${file}`,
    isPreview: false,
    accountId,
    namespaces,
    worker: worker && withShared(worker, shared),
    comments: [...comments, ...notes, ...fieldComments(config, path.length === 0)],
  };
}

function draftNamespace(
  binding: string,
  id: string | undefined,
  titles: ReadonlyMap<string, string> | undefined,
  file: string,
  defaults: readonly WrittenField[],
): DraftNamespace {
  if (id === undefined) {
    const text = `${file} has no id for '${binding}': the first apply creates it; an existing one needs its id in adopt`;
    return { fields: defaults, comments: [decide(text)] };
  }
  const title = titles?.get(id);
  const adopt = field("adopt", written(id));
  if (title !== undefined)
    return { fields: [field("namespaceName", written(title)), adopt, ...defaults], comments: [] };
  const text = "the account has no namespace with this id: correct it, or remove adopt to have one created";
  return { fields: [adopt, ...defaults], comments: titles === undefined ? [] : [decide(text)] };
}

const NO_TITLES = decide(
  "wrangler's configuration has no titles of namespaces: import with --live, or write them as `namespaceName`; " +
    "otherwise the first apply renames the namespaces, and their keys stay",
);

/** What `cfkv wrangler export` has written into `KV_DEFAULTS`. */
function defaultsOf({ vars }: EnvironmentConfig, binding: string): WrittenField[] {
  const text = vars?.["KV_DEFAULTS"];
  if (typeof text !== "string") return [];
  const all = parse(text);
  const own = isObject(all) && Object.hasOwn(all, binding) ? all[binding] : undefined;
  const { ttlSeconds, description } = isObject(own) ? own : {};
  return [
    ...(typeof ttlSeconds === "number" ? [field("ttlSeconds", written(ttlSeconds))] : []),
    ...(typeof description === "string" ? [field("description", written(description))] : []),
  ];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Somebody's own variable of that name.
    return undefined;
  }
}

/** Binds namespaces that another environment manages. */
function withShared(worker: DraftWorker, shared: readonly { binding: string; id: string }[]): DraftWorker {
  if (shared.length === 0) return worker;
  const own = shared.map(({ binding, id }) => written({ name: binding, type: "kv_namespace", namespaceId: id }));
  const bindings = worker.shared.find(({ name }) => name === "bindings");
  const items: readonly Written[] = bindings?.value.type === "list" ? bindings.value.items : [];
  return {
    ...worker,
    shared: [
      ...worker.shared.filter((one) => one !== bindings),
      field("bindings", { type: "list", items: [...items, ...own] }),
    ],
  };
}

/** Fields that a preview does not have: it answers nowhere and nothing calls it. */
const NOT_IN_PREVIEWS: ReadonlySet<string> = new Set(["crons", "d1", "bindings", "logpush", "tailConsumers"]);

/** The environment for development that `preview_id` and its like describe. */
function draftPreview(
  { config, path, wranglerName }: SourceEnvironment,
  draft: Draft,
  owners: Map<string, string>,
  names: Set<string>,
  { file }: DraftInput,
): Draft | undefined {
  const all = config.kv_namespaces ?? [];
  const previews = all.filter(({ preview_id: id }) => id !== undefined && id !== "" && !owners.has(id));
  if (previews.length === 0) return undefined;
  const name = ["dev", wranglerName === undefined ? "preview" : `dev-${draft.name}`, `preview-${draft.name}`].find(
    (each) => !names.has(each),
  );
  if (name === undefined) return undefined;
  names.add(name);
  const namespaces = new Map<string, DraftNamespace>();
  for (const { binding, preview_id: given } of all) {
    const isOwn = previews.some((one) => one.binding === binding);
    if (given !== undefined && isOwn) owners.set(given, `'${binding}' of '${name}'`);
    const text = "there is no preview_id for it: the first apply creates it";
    namespaces.set(binding, {
      fields: [
        ...(isOwn && given !== undefined ? [field("adopt", written(given))] : []),
        ...defaultsOf(config, binding),
      ],
      comments: isOwn ? [] : [decide(text)],
    });
  }
  const databases = (config.d1_databases ?? []).map(({ binding, preview_database_id: id }) =>
    field(binding, written(id === undefined || id === "" || id === "DB" ? {} : { databaseId: id })),
  );
  const worker = draft.worker && previewOf(draft.worker, databases);
  return {
    name,
    source: `preview_id of ${path.length === 0 ? "the top level" : path.join(".")} of ${file}`,
    isPreview: true,
    accountId: draft.accountId,
    namespaces,
    worker,
    comments:
      worker === undefined
        ? []
        : [decide("this Worker was never deployed: the first apply creates it, or set `worker: false`")],
  };
}

const SAME_RESOURCES =
  "these are the resources of the environment that is deployed: name others here to keep them apart";

/** Whether a binding is of a namespace, which a preview has of its own. */
function isNamespace(binding: Written): boolean {
  return (
    binding.type === "object" &&
    binding.fields.some(({ name, value }) => name === "type" && isSame(value, written("kv_namespace")))
  );
}

function previewOf({ shared, vars }: DraftWorker, databases: readonly WrittenField[]): DraftWorker {
  const all = shared.find(({ name }) => name === "bindings")?.value;
  const bindings = all?.type === "list" ? all.items.filter((item) => !isNamespace(item)) : [];
  return {
    own: [],
    shared: [
      ...shared.filter(({ name }) => !NOT_IN_PREVIEWS.has(name)),
      ...(databases.length > 0 ? [field("d1", { type: "object", fields: databases, comments: [] } as const)] : []),
      ...(bindings.length === 0
        ? []
        : [field("bindings", { type: "list", items: bindings } as const, [decide(SAME_RESOURCES)])]),
    ],
    vars,
  };
}
