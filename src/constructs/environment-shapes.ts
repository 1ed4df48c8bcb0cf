// Types only, by whole statements: the tables are made while modules load, so this module must not be in a cycle.
import type {
  EnvironmentNamespaceProps,
  EnvironmentProps,
  EnvironmentSetProps,
  EnvironmentWorkerProps,
} from "./environment-props.js";
import { KV_NAMESPACE_FIELDS, LEAVING, WORKER_FIELDS } from "./props-shapes.js";
import {
  boolean,
  fieldsOf,
  json,
  listOf,
  mapOf,
  method,
  orFalse,
  plainText,
  required,
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

const WORKER_HERE = fieldsOf({ ...WORKER_FIELDS_HERE, workerName: text } satisfies ShapesOf<EnvironmentWorkerProps>);

const ENVIRONMENT = fieldsOf({
  accountId: text,
  protect: boolean,
  namespaces: mapOf(orFalse(NAMESPACE_HERE)),
  worker: orFalse(WORKER_HERE),
  vars: mapOf(json),
  routes: WORKER_FIELDS.routes,
  developers: listOf(plainText),
  provider: method,
  ...LEAVING,
} satisfies ShapesOf<EnvironmentProps>);

export const ENVIRONMENT_SET = fieldsOf(
  {
    app: required(plainText),
    namespaces: required(mapOf(NAMESPACE_HERE)),
    worker: WORKER_HERE,
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
