export { COMPATIBILITY_DATE, PROVIDER_VERSION } from "./constructs/defaults.js";
export {
  type D1Props,
  type DurableObjectProps,
  type MigrationProps,
  type RateLimitProps,
  type ServiceProps,
} from "./constructs/binding-props.js";
export type { CheckCode } from "./constructs/check-codes.js";
export { type Environment } from "./constructs/environment.js";
export {
  type EnvironmentNamespaceProps,
  type EnvironmentProps,
  type EnvironmentSetProps,
  type NameParts,
} from "./constructs/environment-props.js";
export {
  type EnvironmentD1Props,
  type EnvironmentDurableObjectProps,
  type EnvironmentServiceProps,
  type EnvironmentTailConsumerProps,
  type EnvironmentWorkerOverrides,
  type EnvironmentWorkerProps,
  type OtherBindingByName,
} from "./constructs/environment-worker-props.js";
export { EnvironmentSet } from "./constructs/environment-set.js";
export { type KvEntryProps } from "./constructs/kv-entry.js";
export { KvNamespace } from "./constructs/kv-namespace.js";
export type { ExternalKvNamespaceOptions, IKvNamespace, KvNamespaceProps } from "./constructs/kv-namespace-props.js";

export { type GradualOptions, type Release, Rollout } from "./constructs/rollout.js";
export { localState, r2Backend, type R2BackendProps } from "./constructs/state.js";
export { type BundleOptions, WorkerCode } from "./constructs/worker-code.js";
export {
  type AssetsProps,
  type CustomDomainProps,
  type ObservabilityProps,
  type RouteProps,
  type WorkerWithKvBindingsProps,
} from "./constructs/worker-props.js";
export { WorkerWithKvBindings } from "./constructs/worker-with-kv-bindings.js";
export { CodedError, type ErrorCode, ValidationError } from "./errors.js";
export * as KV_LIMITS from "./kv/limits.js";
export { type Diagnostic } from "./manifest/index.js";
export {
  type LoadOptions,
  loadManifests,
  ManifestError,
  ManifestInclude,
  type ManifestIncludeProps,
} from "./synth/index.js";
export { type JsonValue } from "./values/json.js";
