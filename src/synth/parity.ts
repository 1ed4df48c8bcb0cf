import type { RateLimitProps } from "../constructs/binding-props.js";
import type {
  EnvironmentNamespaceProps,
  EnvironmentProps,
  EnvironmentSetProps,
} from "../constructs/environment-props.js";
import type {
  EnvironmentD1Props,
  EnvironmentDurableObjectProps,
  EnvironmentServiceProps,
  EnvironmentTailConsumerProps,
  EnvironmentWorkerOverrides,
  EnvironmentWorkerProps,
} from "../constructs/environment-worker-props.js";
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
type Environment = Spec["environments"][string];

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
  Nothing<Differences<NonNullable<EnvironmentSetProps["workers"]>[string], NonNullable<Spec["workers"]>[string], "kv">>,
  Nothing<Differences<EnvironmentWorkerOverrides, Exclude<NonNullable<Environment["worker"]>, false>, "kv">>,
  Nothing<Differences<EnvironmentWorkerOverrides, Exclude<NonNullable<Environment["workers"]>[string], false>, "kv">>,
  Nothing<Differences<EnvironmentServiceProps, Exclude<NonNullable<Worker["services"]>[string], string>>>,
  Nothing<Differences<EnvironmentDurableObjectProps, NonNullable<Worker["durableObjects"]>[string]>>,
  Nothing<Differences<EnvironmentTailConsumerProps, Exclude<NonNullable<Worker["tailConsumers"]>[number], string>>>,
  Nothing<Differences<EnvironmentD1Props, NonNullable<Worker["d1"]>[string]>>,
  Nothing<Differences<RateLimitProps, NonNullable<Worker["rateLimits"]>[string]>>,
  Nothing<Differences<RouteProps, NonNullable<Worker["routes"]>[number]>>,
  Nothing<Differences<CustomDomainProps, NonNullable<Worker["customDomains"]>[number]>>,
  Nothing<Differences<ObservabilityProps, NonNullable<Worker["observability"]>>>,
  Nothing<Differences<WorkerAdoptProps, Exclude<NonNullable<Worker["adopt"]>, boolean>>>,
  Nothing<Differences<AssetsProps, NonNullable<Worker["assets"]>>>,
  Nothing<Differences<KvEntryProps, NonNullable<Spec["namespaces"][string]["entries"]>[number]>>,
  Nothing<Differences<EnvironmentProps, Environment, "provider">>,
  Nothing<Differences<EnvironmentSetProps, Spec, "naming" | "configure" | "provider">>,
];
