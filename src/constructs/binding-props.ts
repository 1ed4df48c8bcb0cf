import type { WorkersScriptBindings } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";

/** A D1 database to create, or one that exists already: give either `databaseName` or `databaseId`. */
export interface D1Props {
  /**
   * Creates a database of this name, which must be unique in the account.
   *
   * @default - the existing database `databaseId`; in an EnvironmentSet a database is created, named `{app}-{binding}-{environment}`
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
   * The binding that a created database had before: it is moved and keeps its rows. Its `databaseName` must stay, as
   * Cloudflare cannot rename a database.
   *
   * @default - the database is known by its name
   */
  readonly renamedFrom?: string;
}

/** Cloudflare's own rate limiter, counted per location. Needs provider 5.19 or newer, which the stack then asks for. */
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

/** Attributes of bindings that providers up to 5.22 have gained and the bindings package does not know. */
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
