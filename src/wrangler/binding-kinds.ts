/** A kind of binding as Cloudflare's API, wrangler and TypeScript know it. */
export interface BindingKind {
  /** The name in Cloudflare's API and in Terraform. */
  readonly type: string;
  /** The field of wrangler's configuration; `queues.producers` is the field `producers` of `queues`. */
  readonly field: string;
  /** Whether the field holds a list of bindings, or the one that a Worker can have. */
  readonly isList: boolean;
  /** What wrangler calls the binding's name. */
  readonly nameField: "binding" | "name";
  /** wrangler's field of each attribute, by the provider's name of it. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The type that the Worker's code sees. */
  readonly typeName: string;
}

const list = (
  type: string,
  field: string,
  attributes: Readonly<Record<string, string>>,
  typeName: string,
  nameField: BindingKind["nameField"] = "binding",
): BindingKind => ({ type, field, isList: true, nameField, attributes, typeName });

const single = (type: string, field: string, typeName: string): BindingKind => ({
  type,
  field,
  isList: false,
  nameField: "binding",
  attributes: {},
  typeName,
});

/**
 * Every kind that is no more than a name and some attributes. Namespaces, databases, vars, secrets, services, Durable
 * Objects and assets have rules of their own.
 */
export const BINDING_KINDS: readonly BindingKind[] = [
  list("r2_bucket", "r2_buckets", { bucket_name: "bucket_name", jurisdiction: "jurisdiction" }, "R2Bucket"),
  list("queue", "queues.producers", { queue_name: "queue" }, "Queue"),
  list("ratelimit", "ratelimits", { namespace_id: "namespace_id", simple: "simple" }, "RateLimit", "name"),
  list("analytics_engine", "analytics_engine_datasets", { dataset: "dataset" }, "AnalyticsEngineDataset"),
  list("vectorize", "vectorize", { index_name: "index_name" }, "VectorizeIndex"),
  list("hyperdrive", "hyperdrive", { id: "id" }, "Hyperdrive"),
  list("mtls_certificate", "mtls_certificates", { certificate_id: "certificate_id" }, "Fetcher"),
  list("dispatch_namespace", "dispatch_namespaces", { namespace: "namespace" }, "DispatchNamespace"),
  list(
    "send_email",
    "send_email",
    {
      destination_address: "destination_address",
      allowed_destination_addresses: "allowed_destination_addresses",
      allowed_sender_addresses: "allowed_sender_addresses",
    },
    "SendEmail",
    "name",
  ),
  list(
    "workflow",
    "workflows",
    { workflow_name: "name", class_name: "class_name", script_name: "script_name" },
    "Workflow",
  ),
  list(
    "secrets_store_secret",
    "secrets_store_secrets",
    { store_id: "store_id", secret_name: "secret_name" },
    "SecretsStoreSecret",
  ),
  list(
    "pipelines",
    "pipelines",
    { pipeline: "pipeline" },
    'import("cloudflare:pipelines").Pipeline<import("cloudflare:pipelines").PipelineRecord>',
  ),
  list("worker_loader", "worker_loaders", {}, "WorkerLoader"),
  list("vpc_service", "vpc_services", { service_id: "service_id" }, "Fetcher"),
  list("vpc_network", "vpc_networks", { network_id: "network_id", tunnel_id: "tunnel_id" }, "Fetcher"),
  single("ai", "ai", "Ai"),
  single("browser", "browser", "Fetcher"),
  single("images", "images", "ImagesBinding"),
  single("media", "media", "MediaBinding"),
  single("version_metadata", "version_metadata", "WorkerVersionMetadata"),
];

const BY_TYPE = new Map(BINDING_KINDS.map((kind) => [kind.type, kind]));

/** The kind of Cloudflare's name, if wrangler has a field for it. */
export function bindingKind(type: string): BindingKind | undefined {
  return BY_TYPE.get(type);
}
