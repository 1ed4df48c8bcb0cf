import { hexIdProblem, isUuid } from "../../kv/ids.js";
import type { Violation } from "../../manifest/findings/findings.js";
import { quote } from "../../manifest/findings/quote.js";
import { bindingRule } from "../../manifest/schema/rules.js";
import {
  anyOf,
  boolean,
  camelObject,
  type Infer,
  json,
  list,
  map,
  number,
  oneOf,
  required,
  type Schema,
  text,
} from "../../manifest/schema/schema.js";
import { BINDING_KINDS } from "../binding-kinds.js";
import { WRANGLER_FIELDS } from "./fields.js";

// Only what becomes something else is described; every other field of wrangler's may hold any JSON. The descriptions
// of single fields are wrangler's own and shown nowhere.

const hexId = (id: string, label: string): Violation | undefined => {
  // wrangler takes an empty string for none.
  const message = id === "" ? undefined : hexIdProblem(label, id);
  return message === undefined
    ? undefined
    : { code: "INVALID_ID", message: `${message}; without it a new one is created` };
};

const uuid = (id: string, label: string): Violation | undefined =>
  id === "" || isUuid(id)
    ? undefined
    : { code: "INVALID_ID", message: `${label} must be a lower-case UUID, got ${quote(id)}` };

/** Whether constructs accept a Worker's name. */
export function isWorkerName(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

const workerName = (name: string, label: string): Violation | undefined => {
  if (isWorkerName(name)) return undefined;
  const message = `${label} must be 1 to 63 lower-case letters, digits and inner '-', got ${quote(name)}`;
  return { code: "INVALID_NAME", message };
};

const TEXT = text("");
const NEEDED = required(text(""));
const BINDING = required(text("", { rule: bindingRule }));
const ANY = json("");
const HEX = text("", { rule: hexId });
const FLAG = boolean("");
const TEXTS = list(TEXT, "");

const item = <F extends Readonly<Record<string, Schema>>>(fields: F) => camelObject({ ...fields, remote: ANY }, "");

const ROUTE = anyOf(
  [
    text(""),
    camelObject(
      {
        pattern: NEEDED,
        zone_id: HEX,
        zone_name: TEXT,
        custom_domain: FLAG,
        enabled: ANY,
        previews_enabled: ANY,
      },
      "",
    ),
  ],
  "A pattern, or a pattern with its zone.",
);

/** Fields of such items that no attribute stands for. */
const MORE: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  r2_buckets: { preview_bucket_name: ANY },
  hyperdrive: { localConnectionString: ANY },
  dispatch_namespaces: { outbound: ANY },
  workflows: { limits: ANY },
  pipelines: { stream: ANY },
};

/** The items of bindings that are no more than a name and some attributes. */
const PLAIN_KINDS = Object.fromEntries(
  BINDING_KINDS.filter(({ field }) => !field.includes(".") && field !== "ratelimits").map((kind) => {
    const attributes = Object.values(kind.attributes).map((name) => [name, ANY] as const);
    const fields = { ...Object.fromEntries(attributes), [kind.nameField]: BINDING };
    const binding = camelObject({ ...fields, ...MORE[kind.field], remote: ANY }, "");
    return [kind.field, kind.isList ? list(binding, "") : binding] as const;
  }),
);

const ENVIRONMENT_FIELDS = {
  name: text("", { rule: workerName }),
  account_id: HEX,
  main: TEXT,
  compatibility_date: TEXT,
  compatibility_flags: TEXTS,
  workers_dev: FLAG,
  routes: list(ROUTE, ""),
  route: ROUTE,
  triggers: camelObject({ crons: TEXTS }, ""),
  limits: camelObject({ cpu_ms: number(""), subrequests: ANY }, ""),
  placement: camelObject({ mode: TEXT, hint: ANY, region: ANY, host: ANY, hostname: ANY }, ""),
  assets: camelObject(
    {
      directory: TEXT,
      binding: text("", { rule: bindingRule }),
      html_handling: oneOf(["auto-trailing-slash", "drop-trailing-slash", "force-trailing-slash", "none"], ""),
      not_found_handling: oneOf(["404-page", "none", "single-page-application"], ""),
      run_worker_first: anyOf([FLAG, TEXTS], "True, false or a list of patterns."),
    },
    "",
  ),
  observability: camelObject(
    {
      enabled: FLAG,
      head_sampling_rate: number(""),
      logs: camelObject(
        { enabled: FLAG, head_sampling_rate: number(""), invocation_logs: FLAG, persist: ANY, destinations: ANY },
        "",
      ),
      traces: ANY,
    },
    "",
  ),
  logpush: FLAG,
  migrations: list(
    camelObject(
      {
        tag: NEEDED,
        new_classes: TEXTS,
        new_sqlite_classes: TEXTS,
        renamed_classes: list(camelObject({ from: NEEDED, to: NEEDED }, ""), ""),
        deleted_classes: TEXTS,
        transferred_classes: list(camelObject({ from: NEEDED, from_script: NEEDED, to: NEEDED }, ""), ""),
      },
      "",
    ),
    "",
  ),
  minify: FLAG,
  upload_source_maps: FLAG,
  no_bundle: FLAG,
  define: map(TEXT, ""),
  build: camelObject({ command: TEXT, cwd: ANY, watch_dir: ANY, upload: ANY }, ""),
  vars: map(ANY, ""),
  secrets: camelObject({ required: TEXTS }, ""),
  kv_namespaces: list(item({ binding: BINDING, id: HEX, preview_id: HEX }), ""),
  d1_databases: list(
    item({
      binding: BINDING,
      database_name: TEXT,
      database_id: text("", { rule: uuid }),
      preview_database_id: text("", {
        // "DB" stands for the local database.
        rule: (id, label) => (id === "DB" ? undefined : uuid(id, label)),
      }),
      migrations_dir: TEXT,
      migrations_table: ANY,
      database_internal_env: ANY,
    }),
    "",
  ),
  queues: camelObject(
    {
      producers: list(item({ binding: BINDING, queue: NEEDED, delivery_delay: ANY }), ""),
      consumers: list(map(ANY, ""), ""),
    },
    "",
  ),
  services: list(
    item({
      binding: BINDING,
      service: NEEDED,
      environment: ANY,
      entrypoint: TEXT,
      props: ANY,
      cross_account_grant: ANY,
    }),
    "",
  ),
  durable_objects: camelObject(
    { bindings: list(item({ name: BINDING, class_name: NEEDED, script_name: TEXT, environment: ANY }), "") },
    "",
  ),
  ratelimits: list(
    item({
      name: BINDING,
      namespace_id: NEEDED,
      simple: required(camelObject({ limit: required(number("")), period: required(number("")) }, "")),
    }),
    "",
  ),
  tail_consumers: list(camelObject({ service: NEEDED, environment: ANY }, ""), ""),
} satisfies Readonly<Record<string, Schema>>;

/** Fields that may hold anything: they are not carried over. */
function otherFields(scopes: readonly string[]): Record<string, Schema> {
  const others = Object.entries(WRANGLER_FIELDS).filter(
    ([name, { scope }]) => scopes.includes(scope) && !(name in ENVIRONMENT_FIELDS) && !(name in PLAIN_KINDS),
  );
  return Object.fromEntries(others.map(([name]) => [name, ANY]));
}

const ENVIRONMENT = camelObject(
  { ...ENVIRONMENT_FIELDS, ...PLAIN_KINDS, ...otherFields(["inherited", "own"]) },
  "An environment.",
);

/** wrangler's configuration. */
export const CONFIG_SCHEMA = camelObject(
  {
    ...ENVIRONMENT_FIELDS,
    ...PLAIN_KINDS,
    ...otherFields(["inherited", "own", "top"]),
    env: map(ENVIRONMENT, ""),
  },
  "A configuration.",
);

/** One environment, or what it has once it has inherited. */
export type EnvironmentConfig = Infer<ReturnType<typeof camelObject<typeof ENVIRONMENT_FIELDS>>> &
  Readonly<Record<string, unknown>>;

/** A whole file. */
export type WranglerConfig = EnvironmentConfig & { readonly env?: Readonly<Record<string, EnvironmentConfig>> };
