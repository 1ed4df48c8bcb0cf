import { workersScriptBindingsToTerraform } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { Construct } from "constructs";
import { WORKLOAD_PARTS, type WorkloadField } from "../kv/workload.js";
// Only `import type` statements: the tables are built while modules load, so this module must not be in a cycle.
import {
  type D1Props,
  type DurableObjectProps,
  type MigrationProps,
  NEWER_ATTRIBUTES,
  type RateLimitProps,
  type ServiceProps,
} from "./binding-props.js";
import { type KvEntryProps, SEED } from "./kv-entry.js";
import type { ExternalKvNamespaceOptions, IKvNamespace, KvNamespaceProps } from "./kv-namespace-props.js";
import { GradualRollout, type GradualOptions, type Release, Rollout } from "./rollout.js";
import {
  either,
  fieldsOf,
  json,
  listOf,
  mapOf,
  namedBy,
  number,
  oneOf,
  plainNumber,
  plainText,
  required,
  type Shape,
  type ShapesOf,
  text,
  boolean,
  typed,
} from "./shape.js";
import type { WorkerCode } from "./worker-code.js";
import type {
  AssetsProps,
  CustomDomainProps,
  ObservabilityProps,
  RouteProps,
  WorkerAdoptProps,
  WorkerWithKvBindingsProps,
} from "./worker-props.js";

/** Refused whatever its value: Terraform has no attribute for it. */
const forSeed: Shape = (_value, where, found) =>
  void found.unknown.push(`${where} cannot be stored by Terraform: ${SEED}`);

const entryValue: Shape = (value, where, found) => {
  if (typeof value !== "string") found.wrong.push(`${where} must be a string, got ${typeof value}: ${SEED}`);
};

/** Recognized by its shape, because an app may load two copies of cdktf. */
const PROVIDER = typed(
  "a provider of the stack, such as new CloudflareProvider(this, 'eu', { alias: 'eu' })",
  (value) => Construct.isConstruct(value) && "terraformProviderSource" in value,
);

const ENTRY_FIELDS = {
  key: required(text),
  value: required(entryValue),
  metadata: json,
} satisfies ShapesOf<KvEntryProps>;

/** What `addEntry` takes. */
export const ENTRY = namedBy(
  "key",
  "entry",
  fieldsOf({ ...ENTRY_FIELDS, expirationTtl: forSeed, expiration_ttl: forSeed, expiration: forSeed, base64: forSeed }),
);

/** Names that may leave a stack, and how. */
export const LEAVING = { retired: listOf(plainText), deleted: listOf(plainText) };

const WORKLOAD = fieldsOf(
  Object.fromEntries(
    Object.entries(WORKLOAD_PARTS).map(([part, fields]) => [
      part,
      fieldsOf(
        Object.fromEntries(
          Object.entries<WorkloadField>(fields).map(([name, field]) => [
            name,
            field.required ? required(plainNumber) : plainNumber,
          ]),
        ),
      ),
    ]),
  ),
);

export const KV_NAMESPACE_FIELDS = {
  namespaceName: required(text),
  accountId: text,
  ttlSeconds: plainNumber,
  description: plainText,
  preventDestroy: boolean,
  entries: listOf(ENTRY),
  seed: listOf(plainText),
  keys: mapOf(plainText),
  value: plainText,
  workload: WORKLOAD,
  adopt: text,
  provider: PROVIDER,
  renamedFrom: plainText,
  ...LEAVING,
} satisfies ShapesOf<KvNamespaceProps>;

export const KV_NAMESPACE = fieldsOf(KV_NAMESPACE_FIELDS, false);

const EXTERNAL = {
  accountId: text,
  ttlSeconds: plainNumber,
  description: plainText,
  keys: mapOf(plainText),
  value: plainText,
  workload: WORKLOAD,
  provider: PROVIDER,
} satisfies ShapesOf<ExternalKvNamespaceOptions>;

export const NAMESPACE_BY_ID = fieldsOf({ ...EXTERNAL, namespaceId: required(text) }, false);
export const NAMESPACE_BY_NAME = fieldsOf({ ...EXTERNAL, namespaceName: required(text) }, false);

/** Recognized by its shape, so that users can implement their own. */
const BOUND_NAMESPACE = typed(
  "a namespace, such as KvNamespace.fromNamespaceId(this, 'Sessions', '<id>')",
  (value) => Construct.isConstruct(value) && typeof (value as Partial<IKvNamespace>).namespaceId === "string",
);

export const BIND_KV = fieldsOf({ binding: required(plainText), namespace: required(BOUND_NAMESPACE) }, false);

export const D1_FIELDS = {
  databaseName: text,
  databaseId: text,
  readReplication: oneOf("auto", "disabled"),
  preventDestroy: boolean,
  renamedFrom: plainText,
  migrations: plainText,
} satisfies ShapesOf<D1Props>;

export const RATE_LIMIT = fieldsOf({
  limit: required(number),
  period: required(number),
  namespaceId: text,
} satisfies ShapesOf<RateLimitProps>);

const SERVICE = fieldsOf({ service: required(text), entrypoint: text } satisfies ShapesOf<ServiceProps>);

export const DURABLE_OBJECT_FIELDS = {
  className: required(plainText),
  scriptName: text,
} satisfies ShapesOf<DurableObjectProps>;

const MIGRATION = fieldsOf({
  tag: required(plainText),
  newSqliteClasses: listOf(plainText),
  newClasses: listOf(plainText),
  renamedClasses: listOf(fieldsOf({ from: required(plainText), to: required(plainText) })),
  deletedClasses: listOf(plainText),
  transferredClasses: listOf(
    fieldsOf({ from: required(plainText), fromScript: required(plainText), to: required(plainText) }),
  ),
} satisfies ShapesOf<MigrationProps>);

/** In the provider's own form. Only fields that the provider's bindings know: they silently drop any other. */
export const OTHER_BINDING_FIELDS = {
  ...Object.fromEntries(
    Object.keys(workersScriptBindingsToTerraform({ name: "", type: "" }) as object).map((attribute) => [
      attribute.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      json,
    ]),
  ),
  ...Object.fromEntries(Object.keys(NEWER_ATTRIBUTES).map((attribute) => [attribute, json])),
  name: required(plainText),
  type: required(plainText),
  text,
};

/**
 * Recognized by its methods, because an app may load two copies of this library: one of ES modules, one of CommonJS.
 */
const CODE = typed(
  "WorkerCode, such as WorkerCode.fromEntry('src/worker.ts')",
  (value) => typeof (value as Partial<WorkerCode> | null)?.module === "function",
);

const RELEASE = fieldsOf({
  label: required(plainText),
  percentage: required(plainNumber),
  code: CODE,
  versionId: text,
} satisfies ShapesOf<Release>);
const RELEASES = listOf(namedBy("label", "release", RELEASE));
const GRADUAL_OPTIONS = fieldsOf({ mixedBindings: boolean } satisfies ShapesOf<GradualOptions>);

/** What the factories of Rollout make, and for a gradual one of what. */
const ROLLOUT: Shape = (value, where, found) => {
  if (!(value instanceof Rollout)) {
    found.wrong.push(`${where} must be Rollout.allAtOnce() or Rollout.gradual([…])`);
  } else if (value instanceof GradualRollout) {
    RELEASES(value.releases, where, found);
    GRADUAL_OPTIONS(value.options, "Rollout.gradual", found);
  }
};

const ROUTE = fieldsOf({
  pattern: required(text),
  zoneId: text,
  zoneName: plainText,
} satisfies ShapesOf<RouteProps>);

const DOMAIN = fieldsOf({
  hostname: required(text),
  zoneId: text,
  zoneName: plainText,
} satisfies ShapesOf<CustomDomainProps>);

const OBSERVABILITY = fieldsOf({
  enabled: boolean,
  headSamplingRate: number,
  invocationLogs: boolean,
} satisfies ShapesOf<ObservabilityProps>);

const ASSETS = fieldsOf({
  directory: required(plainText),
  binding: plainText,
  htmlHandling: oneOf("auto-trailing-slash", "drop-trailing-slash", "force-trailing-slash", "none"),
  notFoundHandling: oneOf("404-page", "none", "single-page-application"),
  runWorkerFirst: either("true, false or a list of patterns", boolean, listOf(text)),
} satisfies ShapesOf<AssetsProps>);

const ADOPT = fieldsOf({
  workerId: plainText,
  routes: mapOf(plainText),
  customDomains: mapOf(plainText),
} satisfies ShapesOf<WorkerAdoptProps>);

export const WORKER_FIELDS = {
  workerName: required(text),
  code: (value, where, found) => {
    if (value !== "wrangler") CODE(value, where, found);
  },
  accountId: text,
  kv: mapOf(BOUND_NAMESPACE),
  vars: mapOf(json),
  secrets: listOf(plainText),
  d1: mapOf(fieldsOf(D1_FIELDS)),
  services: mapOf(either("a Worker's name, or { service, entrypoint }", text, SERVICE)),
  durableObjects: mapOf(fieldsOf(DURABLE_OBJECT_FIELDS)),
  migrations: listOf(namedBy("tag", "migration", MIGRATION)),
  queues: mapOf(text),
  rateLimits: mapOf(RATE_LIMIT),
  bindings: listOf(fieldsOf(OTHER_BINDING_FIELDS)),
  routes: listOf(namedBy("pattern", "route", ROUTE)),
  customDomains: listOf(namedBy("hostname", "custom domain", DOMAIN)),
  workersDev: boolean,
  workersDevSubdomain: text,
  crons: listOf(text),
  observability: OBSERVABILITY,
  compatibilityDate: text,
  compatibilityFlags: listOf(text),
  limits: fieldsOf({ cpuMs: required(number) }),
  placement: fieldsOf({ mode: required(oneOf("smart")) }),
  logpush: boolean,
  tailConsumers: listOf(text),
  assets: ASSETS,
  rollout: ROLLOUT,
  provider: PROVIDER,
  adopt: either("true, false or the ids of existing resources", boolean, ADOPT),
  keepSecrets: boolean,
  renamedFrom: plainText,
  ...LEAVING,
} satisfies ShapesOf<WorkerWithKvBindingsProps>;

export const WORKER = fieldsOf(WORKER_FIELDS, false);
