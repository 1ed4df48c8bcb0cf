import type { D1Props, RateLimitProps } from "../constructs/binding-props.js";
import type {
  EnvironmentNamespaceProps,
  EnvironmentProps,
  EnvironmentSetProps,
  EnvironmentWorkerProps,
} from "../constructs/environment-props.js";
import type { KvEntryProps } from "../constructs/kv-entry.js";
import type {
  AssetsProps,
  CustomDomainProps,
  ObservabilityProps,
  RouteProps,
  WorkerAdoptProps,
} from "../constructs/worker-props.js";
import type { EnvironmentSetDocument } from "../manifest/index.js";

type Spec = EnvironmentSetDocument["spec"];
type Worker = NonNullable<Spec["worker"]>;

/** Fails to compile unless the type is empty. */
type Nothing<T extends never> = T;

/** The fields that only one of two types has, in both directions, except those that only TypeScript can have. */
type Differences<Props, Yaml, InTypeScript extends PropertyKey = never> =
  Exclude<keyof Props, keyof Yaml | InTypeScript> | Exclude<keyof Yaml, keyof Props>;

/**
 * Every prop of the EnvironmentSet construct is a field of the YAML kind, and the other way round: a field that only
 * one of them has does not compile here. The fields that YAML leaves to TypeScript are functions and other constructs.
 */
export type EnvironmentSetParity = [
  Nothing<Differences<EnvironmentNamespaceProps, Spec["namespaces"][string]>>,
  Nothing<Differences<EnvironmentWorkerProps, Worker, "kv">>,
  Nothing<Differences<D1Props, NonNullable<Worker["d1"]>[string]>>,
  Nothing<Differences<RateLimitProps, NonNullable<Worker["rateLimits"]>[string]>>,
  Nothing<Differences<RouteProps, NonNullable<Worker["routes"]>[number]>>,
  Nothing<Differences<CustomDomainProps, NonNullable<Worker["customDomains"]>[number]>>,
  Nothing<Differences<ObservabilityProps, NonNullable<Worker["observability"]>>>,
  Nothing<Differences<WorkerAdoptProps, Exclude<NonNullable<Worker["adopt"]>, boolean>>>,
  Nothing<Differences<AssetsProps, NonNullable<Worker["assets"]>>>,
  Nothing<Differences<KvEntryProps, NonNullable<Spec["namespaces"][string]["entries"]>[number]>>,
  Nothing<Differences<EnvironmentProps, Spec["environments"][string], "provider">>,
  Nothing<Differences<EnvironmentSetProps, Spec, "naming" | "configure" | "provider">>,
];
