// Types only, by whole statements: the tables are made while modules load, so this module must not be in a cycle.
import type { EnvironmentNamespaceProps, EnvironmentProps, EnvironmentSetProps } from "./environment-props.js";
import type {
  EnvironmentD1Props,
  EnvironmentDurableObjectProps,
  EnvironmentServiceProps,
  EnvironmentTailConsumerProps,
  EnvironmentWorkerProps,
} from "./environment-worker-props.js";
import {
  D1_FIELDS,
  DURABLE_OBJECT_FIELDS,
  KV_NAMESPACE_FIELDS,
  LEAVING,
  OTHER_BINDING_FIELDS,
  RATE_LIMIT,
  WORKER_FIELDS,
} from "./props-shapes.js";
import {
  boolean,
  either,
  fieldsOf,
  json,
  listOf,
  mapOf,
  method,
  orFalse,
  plainText,
  required,
  type Shape,
  type ShapesOf,
  text,
} from "./shape.js";

const {
  accountId: _ofNamespace,
  provider: _providerOfNamespace,
  retired: _retiredNamespaces,
  deleted: _deletedNamespaces,
  ...NAMESPACE_FIELDS_HERE
} = KV_NAMESPACE_FIELDS;
const {
  accountId: _ofWorker,
  provider: _providerOfWorker,
  retired: _retiredWorkers,
  deleted: _deletedWorkers,
  ...WORKER_FIELDS_HERE
} = WORKER_FIELDS;

const NAMESPACE_HERE = fieldsOf({
  ...NAMESPACE_FIELDS_HERE,
  namespaceName: text,
  purpose: plainText,
} satisfies ShapesOf<EnvironmentNamespaceProps>);

const D1_HERE = fieldsOf({ ...D1_FIELDS, worker: plainText } satisfies ShapesOf<EnvironmentD1Props>);

const SERVICE_HERE = either(
  "a Worker's name, { service, entrypoint } or { worker, entrypoint }",
  text,
  fieldsOf({ service: text, worker: plainText, entrypoint: text } satisfies ShapesOf<EnvironmentServiceProps>),
);

const DURABLE_OBJECT_HERE = fieldsOf({
  ...DURABLE_OBJECT_FIELDS,
  worker: plainText,
} satisfies ShapesOf<EnvironmentDurableObjectProps>);

const TAIL_CONSUMER_HERE = either(
  "a Worker's name, or { worker }",
  text,
  fieldsOf({ worker: required(plainText) } satisfies ShapesOf<EnvironmentTailConsumerProps>),
);

const { name: _byKey, ...OTHER_BINDING_BY_NAME } = OTHER_BINDING_FIELDS;

/** A Worker's fields; `each` is what stands for one binding. */
function workerHere(each: (binding: Shape) => Shape): Shape {
  const list = WORKER_FIELDS.bindings;
  const byName = mapOf(each(fieldsOf(OTHER_BINDING_BY_NAME)));
  return fieldsOf({
    ...WORKER_FIELDS_HERE,
    workerName: text,
    d1: mapOf(each(D1_HERE)),
    services: mapOf(each(SERVICE_HERE)),
    durableObjects: mapOf(each(DURABLE_OBJECT_HERE)),
    queues: mapOf(each(text)),
    rateLimits: mapOf(each(RATE_LIMIT)),
    bindings: (value, where, found) => (Array.isArray(value) ? list : byName)(value, where, found),
    tailConsumers: listOf(TAIL_CONSUMER_HERE),
  } satisfies ShapesOf<EnvironmentWorkerProps>);
}

const WORKER_HERE = workerHere((binding) => binding);
const WORKER_OVERRIDES = workerHere(orFalse);

const ENVIRONMENT = fieldsOf({
  accountId: text,
  protect: boolean,
  namespaces: mapOf(orFalse(NAMESPACE_HERE)),
  worker: orFalse(WORKER_OVERRIDES),
  workers: mapOf(orFalse(WORKER_OVERRIDES)),
  vars: mapOf(json),
  routes: WORKER_FIELDS.routes,
  developers: listOf(plainText),
  perBranch: boolean,
  provider: method,
  ...LEAVING,
} satisfies ShapesOf<EnvironmentProps>);

export const ENVIRONMENT_SET = fieldsOf(
  {
    app: required(plainText),
    namespaces: required(mapOf(NAMESPACE_HERE)),
    worker: WORKER_HERE,
    workers: mapOf(WORKER_HERE),
    environments: required(mapOf(ENVIRONMENT, "environment")),
    accountId: text,
    naming: method,
    backend: method,
    provider: method,
    configure: method,
    providerVersion: plainText,
    ...LEAVING,
  } satisfies ShapesOf<EnvironmentSetProps>,
  false,
);
