import type { D1Props, DurableObjectProps, OtherBinding, RateLimitProps, ServiceProps } from "./binding-props.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

/** Another Worker that the code calls: of the same environment by `worker`, or any by `service`. */
export interface EnvironmentServiceProps extends Omit<ServiceProps, "service"> {
  /**
   * The other Worker's name at Cloudflare.
   *
   * @default - `worker`
   */
  readonly service?: string;

  /**
   * A Worker of the same environment, by its name in `workers`; `worker` is the set's `worker`. It is deployed first, so
   * two Workers cannot call each other this way.
   *
   * @default - `service`
   */
  readonly worker?: string;
}

/** A Durable Object class that the code reaches through a binding, of whatever Worker. */
export interface EnvironmentDurableObjectProps extends DurableObjectProps {
  /**
   * The Worker of the same environment whose code has the class, by its name in `workers`; `worker` is the set's
   * `worker`.
   *
   * @default - `scriptName`, or else this Worker
   */
  readonly worker?: string;
}

/** A D1 database of an environment: to create, to bind by its id, or that of another Worker. */
export interface EnvironmentD1Props extends D1Props {
  /**
   * Binds the database that another Worker of the same environment creates or binds under the same name.
   *
   * @default - the Worker has a database of its own
   */
  readonly worker?: string;
}

/** A Worker of the same environment, by its name in `workers`; `worker` is the set's `worker`. */
export interface EnvironmentTailConsumerProps {
  readonly worker: string;
}

/** A binding of another kind whose name is the key it stands under. */
export type OtherBindingByName = Omit<OtherBinding, "name">;

type Own = Partial<
  Omit<
    WorkerWithKvBindingsProps,
    | "accountId"
    | "provider"
    | "retired"
    | "deleted"
    | "d1"
    | "services"
    | "durableObjects"
    | "tailConsumers"
    | "bindings"
    | "queues"
    | "rateLimits"
  >
>;

/** A Worker as it is in every environment. It is bound to all namespaces of its environment. */
export interface EnvironmentWorkerProps extends Own {
  /**
   * D1 databases by binding.
   *
   * @default - none
   */
  readonly d1?: Readonly<Record<string, EnvironmentD1Props>>;

  /**
   * Other Workers by binding: their names, or name and entrypoint, or a Worker of the same environment.
   *
   * @default - none
   */
  readonly services?: Readonly<Record<string, string | EnvironmentServiceProps>>;

  /**
   * Durable Object classes by binding. A class of this Worker's own code must be created by its `migrations`.
   *
   * @default - none
   */
  readonly durableObjects?: Readonly<Record<string, EnvironmentDurableObjectProps>>;

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
   * Bindings of any other kind, in the provider's own form: a list, or by name.
   *
   * @default - none
   */
  readonly bindings?: readonly OtherBinding[] | Readonly<Record<string, OtherBindingByName>>;

  /**
   * Workers that receive this one's traces: names, or Workers of the same environment.
   *
   * @default - none
   */
  readonly tailConsumers?: readonly (string | EnvironmentTailConsumerProps)[];
}

/** The kinds of bindings that an environment can leave out by name. */
export type RemovableKind = "d1" | "services" | "durableObjects" | "queues" | "rateLimits";

type OrFalse<T> = { readonly [Name in keyof T]: T[Name] | false };

/** What an environment changes of a Worker: bindings are merged by name, and `false` leaves one out. */
export type EnvironmentWorkerOverrides = Omit<EnvironmentWorkerProps, RemovableKind | "bindings"> & {
  readonly [Kind in RemovableKind]?: OrFalse<NonNullable<EnvironmentWorkerProps[Kind]>>;
} & {
  readonly bindings?: readonly OtherBinding[] | Readonly<Record<string, OtherBindingByName | false>>;
};
