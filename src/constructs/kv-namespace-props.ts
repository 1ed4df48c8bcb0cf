import type { TerraformProvider } from "cdktf";
import type { IConstruct } from "constructs";
import type { Workload } from "../kv/workload.js";
import type { KvEntryProps } from "./kv-entry.js";

/** A Workers KV namespace, defined in this app or elsewhere. */
export interface IKvNamespace extends IConstruct {
  /** The id that bindings and the REST API use: 32 hexadecimal digits, known only once applied. */
  readonly namespaceId: string;
  /** Its title in Cloudflare's API, where this app knows it. */
  readonly namespaceName?: string | undefined;
  /** The account it belongs to, where this app knows it. */
  readonly accountId?: string | undefined;
  /** Seconds until a key expires if its writer sets no expiration; 0 means never. */
  readonly ttlSeconds: number;
  /** What the namespace is for. */
  readonly description?: string | undefined;
}

/** Properties of a {@link KvNamespace}. */
export interface KvNamespaceProps {
  /**
   * The name people see in the dashboard, its title in Cloudflare's API: unique within the account, 1 to 64 characters.
   */
  readonly namespaceName: string;

  /**
   * The account that owns the namespace: 32 hexadecimal digits.
   *
   * @default - the environment variable CLOUDFLARE_ACCOUNT_ID, read when synthesizing
   */
  readonly accountId?: string;

  /**
   * Seconds until a key expires if its writer sets no expiration: 0, or 60 to 2,147,483,647.
   * Cloudflare has no such setting; the runtime library and `cfkv seed` apply it.
   *
   * @default 0 - keys do not expire
   */
  readonly ttlSeconds?: number;

  /**
   * What the namespace is for, in at most 256 characters. It reaches the Worker, reports and the assembly.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Refuses any plan that would delete the namespace and every key in it.
   *
   * @default true
   */
  readonly preventDestroy?: boolean;

  /**
   * Up to 100 entries that Terraform writes and checks for drift. Each costs two requests on every plan.
   *
   * @default - none
   */
  readonly entries?: readonly KvEntryProps[];

  /**
   * Files of entries for `cfkv seed` and `cfkv dev`, relative to the working directory. They are copied into the
   * assembly.
   *
   * @default - none
   */
  readonly seed?: readonly string[];

  /**
   * What is stored under which keys, by pattern: `{ "session:{token}": "Who is logged in" }`. Reports show it, and
   * `cfkv check --live` finds keys that match no pattern.
   *
   * @default - none
   */
  readonly keys?: Readonly<Record<string, string>>;

  /**
   * The TypeScript type of its values, by module and name: `./src/types#Session`, relative to the working directory, or
   * `@shop/types#Session` of a package. `cfkv types` declares it, and `KvStore.fromEnv(env, "SESSIONS")` then has it.
   *
   * @default - any value
   */
  readonly value?: string;

  /**
   * How much the namespace is used, for `cfkv estimate`.
   *
   * @default - not known
   */
  readonly workload?: Workload;

  /**
   * The provider of the namespace and its entries, where the stack has several accounts or aliases.
   *
   * @default - the stack's provider without an alias
   */
  readonly provider?: TerraformProvider;

  /**
   * The id of an existing namespace: the first apply adopts it, with its keys, instead of creating one.
   *
   * @default - a namespace is created
   */
  readonly adopt?: string;

  /**
   * The namespace's previous name or construct id: it is moved and renamed in place, and keeps its keys.
   * Remove the line once every state has been applied.
   *
   * @default - the namespace is known by its name
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

/** What this app should know about a namespace that is defined elsewhere. */
export interface ExternalKvNamespaceOptions {
  /**
   * The account that owns the namespace.
   *
   * @default - for a lookup by name the environment variable CLOUDFLARE_ACCOUNT_ID; otherwise any account
   */
  readonly accountId?: string;

  /**
   * Seconds until a key expires if its writer sets no expiration.
   *
   * @default 0 - keys do not expire
   */
  readonly ttlSeconds?: number;

  /**
   * What the namespace is for, in at most 256 characters.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * What is stored under which keys, by pattern: `{ "session:{token}": "Who is logged in" }`. Reports show it, and
   * `cfkv check --live` finds keys that match no pattern.
   *
   * @default - none
   */
  readonly keys?: Readonly<Record<string, string>>;

  /**
   * The TypeScript type of its values, by module and name: `./src/types#Session`, relative to the working directory, or
   * `@shop/types#Session` of a package. `cfkv types` declares it, and `KvStore.fromEnv(env, "SESSIONS")` then has it.
   *
   * @default - any value
   */
  readonly value?: string;

  /**
   * How much the namespace is used, for `cfkv estimate`.
   *
   * @default - not known
   */
  readonly workload?: Workload;

  /**
   * The provider that looks the namespace up by its name, where the stack has several accounts or aliases.
   *
   * @default - the stack's provider without an alias
   */
  readonly provider?: TerraformProvider;
}
