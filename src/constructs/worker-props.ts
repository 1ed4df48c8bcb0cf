// Long, as half of it says what each field is for and what happens without it: a Worker's props, in one place.
import type { TerraformProvider } from "cdktf";
import type { JsonValue } from "../values/json.js";
import type {
  D1Props,
  DurableObjectProps,
  MigrationProps,
  OtherBinding,
  RateLimitProps,
  ServiceProps,
} from "./binding-props.js";
import type { IKvNamespace } from "./kv-namespace-props.js";
import type { Rollout } from "./rollout.js";
import type { WorkerCode } from "./worker-code.js";

/** A pattern of a zone. Requests that match it go to the Worker. */
export interface RouteProps {
  /** Host and path with `*` as wildcard: `shop.example.com/api/*`. */
  readonly pattern: string;

  /**
   * The zone of the host: 32 hexadecimal digits.
   *
   * @default - the zone named `zoneName`
   */
  readonly zoneId?: string;

  /**
   * The zone of the host by its name, `example.com`: Terraform looks it up on every plan, once in a stack.
   *
   * @default - `zoneId`
   */
  readonly zoneName?: string;
}

/** A host name that belongs to the Worker alone; Cloudflare makes its DNS record and certificate. */
export interface CustomDomainProps {
  /** The host, without scheme or path: `shop.example.com`. */
  readonly hostname: string;

  /**
   * The zone of the host: 32 hexadecimal digits.
   *
   * @default - the zone named `zoneName`
   */
  readonly zoneId?: string;

  /**
   * The zone of the host by its name, `example.com`, which Terraform looks up.
   *
   * @default - unless there is a `zoneId`, Terraform looks up the zone of the account that the host belongs to
   */
  readonly zoneName?: string;
}

/** What Workers Logs keeps. */
export interface ObservabilityProps {
  /**
   * Whether logs are kept.
   *
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * The share of requests that are logged, 0 to 1.
   *
   * @default 1
   */
  readonly headSamplingRate?: number;
  /**
   * Logs a line for each invocation, in addition to what the code logs.
   *
   * @default true
   */
  readonly invocationLogs?: boolean;
}

/** Static files that are served in front of the Worker. Not in a gradual rollout. */
export interface AssetsProps {
  /** The folder of files, relative to the working directory. It is copied into the assembly. */
  readonly directory: string;
  /**
   * The binding through which the code requests files.
   *
   * @default - none
   */
  readonly binding?: string;
  /**
   * How paths map to HTML files.
   *
   * @default - Cloudflare's: "auto-trailing-slash"
   */
  readonly htmlHandling?: "auto-trailing-slash" | "drop-trailing-slash" | "force-trailing-slash" | "none";
  /**
   * What is served for a path without a file.
   *
   * @default - the Worker, then 404
   */
  readonly notFoundHandling?: "404-page" | "none" | "single-page-application";
  /**
   * Calls the Worker before looking for a file: for all paths, or for some patterns.
   *
   * @default false
   */
  readonly runWorkerFirst?: boolean | readonly string[];
}

/** Ids of existing resources that cannot be found by name. */
export interface WorkerAdoptProps {
  /**
   * The id of the Worker in a gradual rollout.
   *
   * @default - its name, by which Cloudflare finds it too
   */
  readonly workerId?: string;

  /**
   * The id of each route by its pattern, as `GET /zones/{zone_id}/workers/routes` lists them.
   *
   * @default - routes are created
   */
  readonly routes?: Readonly<Record<string, string>>;

  /**
   * The id of each custom domain by its hostname, as `GET /accounts/{account_id}/workers/domains` lists them.
   *
   * @default - domains are attached
   */
  readonly customDomains?: Readonly<Record<string, string>>;
}

/** Properties of a {@link WorkerWithKvBindings}. */
export interface WorkerWithKvBindingsProps {
  /** The Worker's name: 1 to 63 lower-case letters, digits and '-', unique within the account. */
  readonly workerName: string;

  /**
   * The Worker's module. `"wrangler"`, or `WorkerCode.byWrangler`, leaves the script to wrangler: Terraform owns the
   * namespaces, databases, routes, domains and crons, which it defines once the script is there.
   *
   * @default - each release of a gradual rollout has its own
   */
  readonly code?: WorkerCode | "wrangler";

  /**
   * The account that owns the Worker: 32 hexadecimal digits.
   *
   * @default - the environment variable CLOUDFLARE_ACCOUNT_ID, read when synthesizing
   */
  readonly accountId?: string;

  /**
   * Namespaces by binding: a JavaScript identifier, as in `env.SESSIONS`.
   *
   * @default - none; `bindKv` adds some
   */
  readonly kv?: Readonly<Record<string, IKvNamespace>>;

  /**
   * Plain values by name: strings, or any JSON. Not for secrets: they are readable in the assembly and in the state.
   * Values that are not strings need provider 5.18 or newer, which the stack then requires.
   *
   * @default - none
   */
  readonly vars?: Readonly<Record<string, JsonValue>>;

  /**
   * Names of secrets. Each becomes a sensitive Terraform variable, to be set when applying: `TF_VAR_api_stripe_key`.
   *
   * @default - none
   */
  readonly secrets?: readonly string[];

  /**
   * D1 databases by binding.
   *
   * @default - none
   */
  readonly d1?: Readonly<Record<string, D1Props>>;

  /**
   * Other Workers by binding: their names, or name and entrypoint.
   *
   * @default - none
   */
  readonly services?: Readonly<Record<string, string | ServiceProps>>;

  /**
   * Durable Object classes by binding. A class of this Worker's own code must be created by its `migrations`.
   *
   * @default - none
   */
  readonly durableObjects?: Readonly<Record<string, DurableObjectProps>>;

  /**
   * The history of the Worker's own Durable Object classes. Needs a rollout all at once.
   *
   * @default - none
   */
  readonly migrations?: readonly MigrationProps[];

  /**
   * Names of queues that the code sends to, by binding.
   *
   * @default - none
   */
  readonly queues?: Readonly<Record<string, string>>;

  /**
   * Cloudflare's rate limiters by binding.
   *
   * @default - none
   */
  readonly rateLimits?: Readonly<Record<string, RateLimitProps>>;

  /**
   * Bindings of any other kind, in the provider's own form; attributes that came with later providers are accepted.
   *
   * @default - none
   */
  readonly bindings?: readonly OtherBinding[];

  /**
   * Patterns whose requests go to the Worker.
   *
   * @default - none
   */
  readonly routes?: readonly RouteProps[];

  /**
   * Hosts that belong to the Worker alone.
   *
   * @default - none
   */
  readonly customDomains?: readonly CustomDomainProps[];

  /**
   * Serves the Worker at `https://<workerName>.<subdomain>.workers.dev`. An explicit `false` also turns off an address
   * that was turned on by hand.
   *
   * @default - not served; an address that is on already stays on
   */
  readonly workersDev?: boolean;

  /**
   * The account's subdomain of workers.dev, used only to compute the URL in the outputs.
   *
   * @default - the workers.dev URL is left out of the outputs
   */
  readonly workersDevSubdomain?: string;

  /**
   * Cron expressions of five fields, in UTC. Terraform cannot delete them: set an empty list once before removing the
   * prop.
   *
   * @default - schedules are not managed
   */
  readonly crons?: readonly string[];

  /**
   * What Workers Logs keeps.
   *
   * @default - everything
   */
  readonly observability?: ObservabilityProps;

  /**
   * The compatibility date, as in `2026-04-01`: Cloudflare runs the code with the behaviour of that day.
   *
   * @default COMPATIBILITY_DATE
   */
  readonly compatibilityDate?: string;

  /**
   * Compatibility flags, such as `nodejs_compat`.
   *
   * @default - none
   */
  readonly compatibilityFlags?: readonly string[];

  /**
   * CPU milliseconds that one invocation may take. Not in a gradual rollout.
   *
   * @default - the plan's
   */
  readonly limits?: { readonly cpuMs: number };

  /**
   * `smart` runs the Worker near the services it calls. Not in a gradual rollout. Only provider 5.16 can set it: later
   * ones fail with code 10021, so the stack requires `>= 5.16.0, < 5.17.0`.
   *
   * @default - near the caller
   */
  readonly placement?: { readonly mode: "smart" };

  /**
   * Sends trace events to the account's Logpush job.
   *
   * @default false
   */
  readonly logpush?: boolean;

  /**
   * Names of Workers that receive this one's traces.
   *
   * @default - none
   */
  readonly tailConsumers?: readonly string[];

  /**
   * Static files in front of the Worker. Not in a gradual rollout.
   *
   * @default - none
   */
  readonly assets?: AssetsProps;

  /**
   * The provider of the Worker and everything inside, where the stack has several accounts or aliases.
   *
   * @default - the stack's provider without an alias
   */
  readonly provider?: TerraformProvider;

  /**
   * How new code reaches the traffic.
   *
   * @default Rollout.allAtOnce()
   */
  readonly rollout?: Rollout;

  /**
   * Adopts an existing Worker of this name instead of overwriting it: the script, its
   * crons and workers.dev address by their names, routes and custom domains by the ids given here.
   *
   * @default false
   */
  readonly adopt?: boolean | WorkerAdoptProps;

  /**
   * Whether to keep secrets that other tools stored in the Worker, as `wrangler secret put` does.
   *
   * @default - the same as `adopt`; not for a gradual rollout, whose versions have bindings of their own
   */
  readonly keepSecrets?: boolean;

  /**
   * The Worker's previous name or construct id: its resources are moved. Cloudflare renames the Worker of a
   * gradual rollout; a script that is replaced all at once must keep its `workerName`.
   *
   * @default - the Worker is known by its name
   */
  readonly renamedFrom?: string;

  /**
   * Names of the stack that are no longer defined and stay at Cloudflare: Terraform forgets them.
   *
   * @default - none
   */
  readonly retired?: readonly string[];

  /**
   * Names of the stack that are no longer defined and that the next apply deletes for good.
   *
   * @default - none
   */
  readonly deleted?: readonly string[];
}
