import type { Workload } from "../kv/workload.js";

/** A `cdktf.out`: what an app synthesized, stack by stack. */
export interface Assembly {
  /** Absolute. */
  readonly directory: string;
  /** In the order of the manifest: by name. */
  readonly stacks: readonly Stack[];
}

/** One stack: what one `terraform apply` deploys. */
export interface Stack {
  readonly name: string;
  /** Absolute: where Terraform runs, and what relative asset paths start from. */
  readonly directory: string;
  /** The application, when an `EnvironmentSet` created the stack. */
  readonly app?: string;
  /** The environment, when an `EnvironmentSet` created the stack. */
  readonly environment?: string;
  /** The developer, when the environment has one stack per developer. */
  readonly developer?: string;
  /** Whether its environment is protected; false for a stack that does not record it. */
  readonly protected: boolean;
  /** Names of the stacks that must be deployed first. */
  readonly dependencies: readonly string[];
  /** The namespaces it manages, then those it only refers to. */
  readonly namespaces: readonly Namespace[];
  readonly workers: readonly Worker[];
  readonly databases: readonly Database[];
  readonly outputs: readonly Output[];
  readonly variables: readonly Variable[];
  readonly annotations: readonly Annotation[];
  /** Addresses of the resources that this model does not cover, such as `aws_s3_bucket.Logs`. */
  readonly otherResources: readonly string[];
  /** Absolute path of the state, where Terraform keeps it in a file of this machine. */
  readonly stateFile?: string;
  /** Expressions that only Terraform can evaluate; a string with one still contains the expression. */
  readonly unresolved: readonly Unresolved[];
}

/** A Workers KV namespace that the stack manages or refers to. */
export interface Namespace {
  /** The stack that manages it, or that refers to it from outside. */
  readonly stack: string;
  /**
   * The resource's name in Terraform; for an external one its data source's name, its id, or the expression that yields
   * it.
   */
  readonly logicalId: string;
  /** Whether the stack creates it. External ones exist already. */
  readonly managed: boolean;
  /** Its title in Cloudflare's API; unknown for one that is referred to by id. */
  readonly name?: string;
  /** 32 hexadecimal digits, when known before anything is applied. */
  readonly namespaceId?: string;
  readonly accountId?: string;
  /** Seconds until a key expires if its writer sets no expiration; 0: keys do not expire. */
  readonly ttlSeconds: number;
  readonly description?: string;
  /** The name its environment set gives it, as in `SESSIONS`. */
  readonly binding?: string;
  /** Whether Terraform refuses to delete it. */
  readonly protected: boolean;
  /** Absolute paths. */
  readonly seedFiles: readonly string[];
  /** The few entries that Terraform manages. */
  readonly entries: readonly ManagedEntry[];
  /** What is stored under keys of a form, by pattern, as in `session:{token}`. */
  readonly keys: Readonly<Record<string, string>>;
  /** How much it is used, as its author declared it. */
  readonly workload?: Workload;
  /** The TypeScript type of its values, `./src/types#Session`: a file is relative to the folder that the app ran in. */
  readonly value?: string;
  /** The binding names that Workers of any stack use for it, sorted. */
  readonly bindingNames: readonly string[];
}

/** A `cloudflare_workers_kv`: an entry that Terraform writes. */
export interface ManagedEntry {
  readonly logicalId: string;
  readonly key: string;
  readonly value: string;
  /** Any JSON. */
  readonly metadata?: unknown;
}

/** A Worker, deployed all at once (one version) or gradually (one or more). */
export interface Worker {
  readonly stack: string;
  readonly logicalId: string;
  /** Its name in the account. */
  readonly name: string;
  /** Its name in the `workers` of its EnvironmentSet. */
  readonly key?: string;
  readonly accountId?: string;
  /** `script`: a `cloudflare_workers_script`; `versions`: a `cloudflare_worker` with versions and a deployment. */
  readonly form: "script" | "versions";
  /** Who deploys the script, if it is not Terraform: the stack has what leads to it. */
  readonly deployedBy?: "wrangler";
  /** At least one for `script`. Versions that no deployment names have 0 percent. */
  readonly versions: readonly WorkerVersion[];
  /** Whether it answers on its `workers.dev` name. */
  readonly workersDev: boolean;
  /** Patterns as in `shop.example.com/api/*`. */
  readonly routes: readonly string[];
  /** Host names. */
  readonly customDomains: readonly string[];
  /** Zone ids by route pattern and by custom domain, as far as they are known before anything is applied. */
  readonly zones: Readonly<Record<string, string>>;
  /** Names of zones that are looked up on apply, in the same way. */
  readonly zoneNames: Readonly<Record<string, string>>;
  /** Cron expressions. */
  readonly crons: readonly string[];
  /** The queues whose messages it gets. */
  readonly queues: readonly QueueConsumer[];
  /** Whether its schedules are managed: an empty list of `crons` deletes those that are there. */
  readonly hasCrons: boolean;
  readonly settings: WorkerSettings;
}

/** How a Worker gets the messages of a queue; absent settings are Cloudflare's. */
export interface QueueConsumer {
  /** The queue's name; its id where the stack knows nothing else. */
  readonly queue: string;
  /** Messages in a batch at most. */
  readonly batchSize?: number;
  /** Milliseconds that a batch may take to fill. */
  readonly maxWaitMs?: number;
  readonly maxRetries?: number;
  /** Seconds before a message is sent again. */
  readonly retryDelay?: number;
  /** The name of the queue that gets what failed too often. */
  readonly deadLetterQueue?: string;
}

/** What else Cloudflare keeps for a Worker, in the provider's words where it is an object. */
export interface WorkerSettings {
  readonly observability?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
  readonly placement?: Readonly<Record<string, unknown>>;
  readonly logpush?: boolean;
  /** Names of Workers. */
  readonly tailConsumers: readonly string[];
  /** The history of its Durable Object classes. */
  readonly migrations: readonly Migration[];
}

/** A step of the history of a Worker's Durable Object classes, in the provider's words. */
export interface Migration {
  readonly tag: string;
  readonly steps: Readonly<Record<string, unknown>>;
}

/** Code with its bindings. */
export interface WorkerVersion {
  readonly logicalId: string;
  /** The name of its release, as in `release v2`. */
  readonly message?: string;
  /** Share of the traffic, 0 to 100. */
  readonly percentage: number;
  /** Name of the module with the entry point; absent for a script in service-worker syntax. */
  readonly mainModule?: string;
  readonly modules: readonly WorkerModule[];
  /** What the modules were bundled from; absent when the code was built by something else. */
  readonly source?: CodeSource;
  /** The built file that the code was taken from, relative to the folder that the app ran in. */
  readonly sourceFile?: string;
  readonly bindings: readonly Binding[];
  /** `YYYY-MM-DD`. */
  readonly compatibilityDate?: string;
  readonly compatibilityFlags: readonly string[];
  /** Absolute path of the static assets' folder. */
  readonly assetsDirectory?: string;
  /** The folder that the assets were copied from, relative to the folder that the app ran in. */
  readonly assetsSource?: string;
  /** How they are served, by the provider's names: `html_handling`, `not_found_handling`, `run_worker_first`. */
  readonly assetsConfig?: Readonly<Record<string, unknown>>;
}

/** How code was bundled. Paths are relative to the folder that the app ran in. */
export interface CodeSource {
  readonly entry: string;
  readonly minify: boolean;
  readonly sourceMap: boolean;
  readonly define: Readonly<Record<string, string>>;
  /** All source files, without those of packages. */
  readonly inputs: readonly string[];
}

/** One file of a Worker: on disk, or with its content in the stack. */
export interface WorkerModule {
  readonly name: string;
  readonly contentType: string;
  /** Absolute path; absent when the content is in the stack. */
  readonly file?: string;
  readonly content?: Uint8Array;
}

/** A binding: what a Worker finds in `env` under a name. */
export type Binding =
  | { readonly kind: "kv_namespace"; readonly name: string; readonly namespace: Namespace }
  | { readonly kind: "plain_text"; readonly name: string; readonly text: string }
  | { readonly kind: "json"; readonly name: string; readonly json: unknown }
  | SecretBinding
  | D1Binding
  | ServiceBinding
  | OtherBinding;

/** A value that is known only on deployment. */
export interface SecretBinding {
  readonly kind: "secret_text";
  readonly name: string;
  /** The Terraform variable that holds it; absent when a hand-written stack gets it from elsewhere. */
  readonly variable?: string;
  /** The value, if the stack itself holds it. It must never be printed or written. */
  readonly text?: string;
}

/** A D1 database, with what is to be applied to it. */
export interface D1Binding {
  readonly kind: "d1";
  readonly name: string;
  readonly database: Database;
  readonly migrations?: MigrationFolder;
}

/** A folder of SQL files, each of which is applied to a database once. */
export interface MigrationFolder {
  /** Absolute: the copy in the assembly. */
  readonly directory: string;
  /** What it was copied from, relative to the folder that the app ran in. */
  readonly source: string;
}

/** Another Worker. */
export interface ServiceBinding {
  readonly kind: "service";
  readonly name: string;
  /** The other Worker's name. */
  readonly worker: string;
  readonly entrypoint?: string;
}

/** Any other kind, with its attributes by Terraform's names. */
export interface OtherBinding {
  readonly kind: "other";
  readonly name: string;
  /** Cloudflare's name of the kind, as in `r2_bucket`. */
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A D1 database that the stack creates, or binds by id. */
export interface Database {
  readonly stack: string;
  readonly logicalId: string;
  readonly managed: boolean;
  readonly name?: string;
  readonly databaseId?: string;
}

export interface Output {
  readonly name: string;
  readonly description?: string;
  readonly sensitive: boolean;
  /** Absent when it is known only after apply, or sensitive. */
  readonly value?: unknown;
}

export interface Variable {
  readonly name: string;
  readonly sensitive: boolean;
  readonly description?: string;
  /** Whether it has a default, so that it need not be set. */
  readonly optional: boolean;
}

/** A message that a construct reported when it was synthesized. */
export interface Annotation {
  readonly level: "info" | "warning" | "error";
  readonly message: string;
  readonly constructPath: string;
}

export interface Unresolved {
  /** Where it is, as in `cloudflare_workers_script.Api.bindings[2].text`. */
  readonly path: string;
  /** Without the braces, as in `random_pet.name.id`. */
  readonly expression: string;
}

/** What to call a database on a screen: its name where known. */
export function databaseLabel(database: Pick<Database, "name" | "databaseId" | "logicalId">): string {
  return database.name ?? database.databaseId ?? database.logicalId;
}

/** A namespace's label for display: its name if known. */
export function namespaceLabel(namespace: Pick<Namespace, "name" | "namespaceId" | "logicalId">): string {
  return namespace.name ?? namespace.namespaceId ?? namespace.logicalId;
}
