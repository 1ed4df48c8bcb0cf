import type { WorkersScriptBindings } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";

/** A D1 database to create, or one that exists already: give either `databaseName` or `databaseId`. */
export interface D1Props {
  /**
   * Creates a database of this name, which must be unique in the account.
   *
   * @default - the existing database `databaseId`; in an EnvironmentSet a database is created, named
   * `{app}-{binding}-{environment}`
   */
  readonly databaseName?: string;

  /**
   * Binds an existing database: a UUID.
   *
   * @default - a database is created
   */
  readonly databaseId?: string;

  /**
   * Whether a created database is read from replicas near the reader.
   *
   * @default "disabled"
   */
  readonly readReplication?: "auto" | "disabled";

  /**
   * Refuses any plan that would delete a created database.
   *
   * @default true - in an EnvironmentSet the environment's `protect`
   */
  readonly preventDestroy?: boolean;

  /**
   * The previous binding of a created database: it is moved and keeps its rows. Its `databaseName` must not change,
   * because Cloudflare cannot rename a database.
   *
   * @default - the database is known by its name
   */
  readonly renamedFrom?: string;

  /**
   * A folder of SQL files as of `wrangler d1 migrations`, relative to the working directory: `cfkv dev` applies them, and
   * `cfkv d1 migrate` where the stack is deployed. They are copied into the assembly.
   *
   * @default - the code makes its tables itself
   */
  readonly migrations?: string;
}

/** Cloudflare's own rate limiter, counted per location. Needs provider 5.19 or newer, which the stack then requires. */
export interface RateLimitProps {
  /** Requests that pass in each period. */
  readonly limit: number;
  /** Seconds. */
  readonly period: 10 | 60;
  /**
   * Separates this limiter's counts from others of the account: a positive whole number, as a string.
   *
   * @default "1"
   */
  readonly namespaceId?: string;
}

/** Another Worker that the code calls. */
export interface ServiceProps {
  /** The other Worker's name. */
  readonly service: string;

  /**
   * The exported class that answers. Needs provider 5.22 or newer, which the stack then requires.
   *
   * @default - the default export
   */
  readonly entrypoint?: string;
}

/** A Durable Object class that the code reaches through a binding. */
export interface DurableObjectProps {
  /** The exported class. */
  readonly className: string;

  /**
   * The name of the Worker whose code has the class.
   *
   * @default - this Worker, whose `migrations` must create the class
   */
  readonly scriptName?: string;
}

/**
 * One step of the history of a Worker's Durable Object classes, as in wrangler's `migrations`. Steps are only added, at
 * the end: Cloudflare applies each once.
 *
 * @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
 */
export interface MigrationProps {
  /** The step's permanent name, such as `v1`. */
  readonly tag: string;

  /**
   * Creates classes with SQLite storage, which all new classes should use.
   *
   * @default - none
   */
  readonly newSqliteClasses?: readonly string[];

  /**
   * Creates classes with the key-value storage that Durable Objects had before SQLite.
   *
   * @default - none
   */
  readonly newClasses?: readonly string[];

  /**
   * Renames classes; their objects stay.
   *
   * @default - none
   */
  readonly renamedClasses?: readonly { readonly from: string; readonly to: string }[];

  /**
   * Deletes classes with all their objects.
   *
   * @default - none
   */
  readonly deletedClasses?: readonly string[];

  /**
   * Transfers classes and their objects from another Worker.
   *
   * @default - none
   */
  readonly transferredClasses?: readonly {
    readonly from: string;
    readonly fromScript: string;
    readonly to: string;
  }[];
}

/** Binding attributes that providers up to 5.22 added and the bindings package lacks. */
export interface NewerBindingAttributes {
  /** @default - none */
  readonly appId?: string;
  /** @default - none */
  readonly databaseId?: string;
  /** @default - none */
  readonly dispatchNamespace?: string;
  /**
   * The class of a service that the binding calls.
   *
   * @default - the service's default export
   */
  readonly entrypoint?: string;
  /** @default - none */
  readonly instanceName?: string;
  /** @default - none */
  readonly networkId?: string;
  /** @default - none */
  readonly serviceId?: string;
  /** @default - none */
  readonly simple?: { readonly limit: number; readonly period: number; readonly mitigationTimeout?: number };
  /** @default - none */
  readonly tunnelId?: string;
}

/** A binding in the provider's own form. */
export type OtherBinding = WorkersScriptBindings & NewerBindingAttributes;

/** The names of {@link NewerBindingAttributes}, as the provider spells them. */
export const NEWER_ATTRIBUTES: Readonly<Record<keyof NewerBindingAttributes, string>> = {
  appId: "app_id",
  databaseId: "database_id",
  dispatchNamespace: "dispatch_namespace",
  entrypoint: "entrypoint",
  instanceName: "instance_name",
  networkId: "network_id",
  serviceId: "service_id",
  simple: "simple",
  tunnelId: "tunnel_id",
};
