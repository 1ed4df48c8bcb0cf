/** What becomes of a field of wrangler's configuration. */
export type Fate = "carried" | "changed" | "decide" | "left";

/** A field of wrangler's configuration, at the top level or in `env.<name>`. */
export interface WranglerField {
  /**
   * Where wrangler takes it from: an environment inherits it from the top level, has only its own, or cannot have it.
   */
  readonly scope: "inherited" | "own" | "top";
  readonly fate: Fate;
  /** What it becomes, or why it cannot be carried over and what to do instead. A sentence for the page and comments. */
  readonly how: string;
}

const field = (scope: WranglerField["scope"], fate: Fate, how: string): WranglerField => ({ scope, fate, how });

const BUILT = 'bundle with `wrangler deploy --dry-run --outdir dist` and use `WorkerCode.fromFile("dist/index.js")`';
const NO_BINDING = "the provider has no such binding; the Worker must not need it, or stays with wrangler";

/**
 * Every field of wrangler's schema, and what `cfkv import wrangler` makes of it. A test holds it against the schema of
 * the installed wrangler, and docs/coming-from-wrangler.md is generated from it.
 */
export const WRANGLER_FIELDS: Readonly<Record<string, WranglerField>> = {
  $schema: field("top", "carried", "nothing needs it: editors read it"),
  name: field(
    "inherited",
    "carried",
    "`app` of the set, and `workerName` where the set would name the Worker otherwise",
  ),
  env: field("top", "carried", "`environments`; the top level is an environment of its own"),
  account_id: field("inherited", "carried", "`accountId`, of the set where all environments have the same"),
  main: field("inherited", "carried", "`code: WorkerCode.fromEntry(…)`"),
  compatibility_date: field("inherited", "carried", "`compatibilityDate`"),
  compatibility_flags: field("inherited", "carried", "`compatibilityFlags`"),
  workers_dev: field(
    "inherited",
    "carried",
    "`workersDev`; without the field it is what wrangler does: on, unless there are routes",
  ),
  preview_urls: field(
    "inherited",
    "left",
    "preview URLs are on in a gradual rollout with `workersDev`, and off elsewhere",
  ),
  routes: field("inherited", "carried", "`routes` and `customDomains`, with ids in `adopt` when looked up with --live"),
  route: field("inherited", "carried", "`routes` or `customDomains`, like an item of `routes`"),
  triggers: field("inherited", "carried", "`crons`"),
  limits: field("inherited", "changed", "`limits.cpuMs`; the provider cannot set `subrequests`"),
  placement: field("inherited", "changed", "`placement` with the mode smart; the provider has no region, host or hint"),
  assets: field("inherited", "carried", "`assets`"),
  observability: field(
    "inherited",
    "changed",
    "`observability`; without the field it is off as in wrangler. `traces`, `persist` and `destinations` have no prop",
  ),
  logpush: field("inherited", "carried", "`logpush`"),
  migrations: field("inherited", "carried", "`migrations`"),
  minify: field("inherited", "carried", "`WorkerCode.fromEntry(…, { minify })`"),
  upload_source_maps: field(
    "inherited",
    "changed",
    "`WorkerCode.fromEntry(…, { sourceMap })`: the map is part of the module",
  ),
  no_bundle: field("inherited", "changed", "`WorkerCode.fromFile(…)`; modules that the file imports are not uploaded"),
  define: field("own", "carried", "`WorkerCode.fromEntry(…, { define })`"),
  build: field("inherited", "decide", "run the command before `cfkv synth`, for example in the `app` of cdktf.json"),
  rules: field("inherited", "left", `module rules are fixed as wrangler's defaults: ${BUILT}`),
  find_additional_modules: field("inherited", "left", `only what the entry imports is part of the code: ${BUILT}`),
  preserve_file_names: field("inherited", "left", "there is one module, so there are no file names to preserve"),
  base_dir: field("inherited", "left", "it is for additional modules, which are not uploaded"),
  tsconfig: field(
    "inherited",
    "decide",
    "the tsconfig.json beside the entry applies: move the options that matter there",
  ),
  jsx_factory: field("inherited", "decide", "write it as `jsxFactory` into the tsconfig.json beside the entry"),
  jsx_fragment: field(
    "inherited",
    "decide",
    "write it as `jsxFragmentFactory` into the tsconfig.json beside the entry",
  ),
  keep_names: field("inherited", "left", "names of functions are kept unless `minify` is on"),
  alias: field("top", "decide", `write aliases as \`paths\` into the tsconfig.json beside the entry, or ${BUILT}`),
  python_modules: field(
    "inherited",
    "left",
    "Workers in Python cannot be bundled: keep deploying this one with wrangler",
  ),
  first_party_worker: field("inherited", "left", "it is for Cloudflare's own Workers"),
  logfwdr: field("inherited", "left", "it is for Cloudflare's own Workers"),
  compliance_region: field(
    "inherited",
    "left",
    "it chooses the API that wrangler calls: set CLOUDFLARE_BASE_URL for the provider",
  ),
  previews: field("inherited", "left", "settings of branch previews: make them an environment such as `preview`"),
  vars: field("own", "carried", "`vars`; of the environments, what differs"),
  secrets: field(
    "own",
    "changed",
    "values stay at Cloudflare, and names become a comment: `secrets` would have Terraform set the values",
  ),
  kv_namespaces: field(
    "own",
    "changed",
    "`namespaces` with `adopt`; `preview_id` becomes an environment `dev`; the title comes from --live",
  ),
  d1_databases: field(
    "own",
    "carried",
    "`d1` with `databaseId` and `migrations`: bound by id, not managed by Terraform",
  ),
  r2_buckets: field("own", "carried", "`bindings` of the type `r2_bucket`"),
  queues: field(
    "own",
    "changed",
    "producers are `queues`. Consumers stay attached as they are; to manage one add a `QueueConsumer` in `configure`",
  ),
  services: field("own", "carried", "`services`"),
  durable_objects: field("own", "carried", "`durableObjects`"),
  workflows: field("own", "carried", "`bindings` of the type `workflow`"),
  vectorize: field("own", "carried", "`bindings` of the type `vectorize`"),
  hyperdrive: field("own", "carried", "`bindings` of the type `hyperdrive`"),
  analytics_engine_datasets: field("own", "carried", "`bindings` of the type `analytics_engine`"),
  send_email: field("own", "carried", "`bindings` of the type `send_email`"),
  mtls_certificates: field("own", "carried", "`bindings` of the type `mtls_certificate`"),
  dispatch_namespaces: field("own", "changed", "`bindings` of the type `dispatch_namespace`; `outbound` is left out"),
  pipelines: field("own", "carried", "`bindings` of the type `pipelines`"),
  secrets_store_secrets: field("own", "carried", "`bindings` of the type `secrets_store_secret`"),
  ratelimits: field("own", "carried", "`rateLimits`"),
  worker_loaders: field("own", "carried", "`bindings` of the type `worker_loader`"),
  vpc_services: field("own", "carried", "`bindings` of the type `vpc_service`"),
  vpc_networks: field("own", "carried", "`bindings` of the type `vpc_network`"),
  browser: field("own", "carried", "`bindings` of the type `browser`"),
  ai: field("own", "carried", "`bindings` of the type `ai`"),
  images: field("own", "carried", "`bindings` of the type `images`"),
  media: field("own", "carried", "`bindings` of the type `media`"),
  version_metadata: field("own", "carried", "`bindings` of the type `version_metadata`"),
  tail_consumers: field("own", "carried", "`tailConsumers`"),
  streaming_tail_consumers: field("own", "left", "the provider cannot set them; `tailConsumers` can"),
  stream: field("own", "left", NO_BINDING),
  ai_search: field("own", "left", NO_BINDING),
  ai_search_namespaces: field("own", "left", NO_BINDING),
  artifacts: field("own", "left", NO_BINDING),
  flagship: field("own", "left", NO_BINDING),
  unsafe: field("own", "left", "it bypasses wrangler; what the provider knows can be written in `bindings`"),
  unsafe_hello_world: field("own", "left", "it is an example of wrangler's own"),
  cloudchamber: field("own", "left", "containers are deployed by wrangler only"),
  containers: field(
    "own",
    "left",
    "containers are deployed by wrangler only: keep deploying this Worker with wrangler",
  ),
  pages_build_output_dir: field("top", "left", "a Pages project is not a Worker: only its namespaces are imported"),
  legacy_env: field("top", "left", "service environments no longer exist; each environment is a Worker of its own"),
  send_metrics: field("top", "left", "cfkv sends no metrics"),
  dev: field("top", "left", "settings of `wrangler dev`; those of `cfkv dev` are its options"),
  site: field("top", "decide", "Workers Sites are deprecated: use `assets` with the directory of `bucket`"),
  wasm_modules: field("top", "left", `import the module in the code instead, or ${BUILT}`),
  text_blobs: field("top", "left", "import the file in the code instead"),
  data_blobs: field("top", "left", "import the file in the code instead"),
  keep_vars: field("top", "left", "Terraform sets all vars: write those of the dashboard into `vars`"),
};

/** The field of a name, if wrangler has one. */
export function wranglerField(name: string): WranglerField | undefined {
  return Object.hasOwn(WRANGLER_FIELDS, name) ? WRANGLER_FIELDS[name] : undefined;
}
