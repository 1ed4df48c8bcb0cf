import type { App } from "cdktf";
import type { EnvironmentProps } from "../constructs/environment-props.js";
import { EnvironmentSet } from "../constructs/environment-set.js";
import { r2Backend } from "../constructs/state.js";
import type { EnvironmentSetDocument, ManifestOf } from "../manifest/index.js";
import { accountOf, type DefineOptions } from "./define-options.js";
import { mapValues, SetProps } from "./set-props.js";

type Environment = EnvironmentSetDocument["spec"]["environments"][string];

/** Defines the stacks of an EnvironmentSet document. */
export function defineEnvironmentSet(
  app: App,
  manifest: ManifestOf<"EnvironmentSet">,
  options: DefineOptions,
): EnvironmentSet {
  const { metadata, spec } = manifest.value;
  const {
    app: name = metadata.name,
    namespaces,
    worker,
    workers,
    environments,
    backend,
    providerVersion,
    retired,
    deleted,
  } = spec;
  const accountId = accountOf(spec.accountId, options);
  const props = new SetProps(manifest, options);

  return new EnvironmentSet(app, metadata.name, {
    app: name,
    namespaces: mapValues(namespaces, (namespace) => props.namespace(namespace)),
    environments: mapValues(environments, (environment) => environmentProps(environment, props)),
    ...(worker !== undefined && { worker: props.worker(worker) }),
    ...(workers !== undefined && { workers: mapValues(workers, (one) => props.worker(one)) }),
    ...(accountId !== undefined && { accountId }),
    ...(providerVersion !== undefined && { providerVersion }),
    ...(retired !== undefined && { retired }),
    ...(deleted !== undefined && { deleted }),
    ...(backend !== undefined && {
      backend: r2Backend({
        ...backend.r2,
        ...(accountId !== undefined && backend.r2.accountId === undefined && { accountId }),
      }),
    }),
  });
}

function environmentProps(
  { namespaces, worker, workers, ...environment }: Environment,
  props: SetProps,
): EnvironmentProps {
  const orFalse = <T, U>(value: T | false, change: (given: T) => U): U | false =>
    value === false ? false : change(value);
  return {
    ...environment,
    ...(namespaces !== undefined && {
      namespaces: mapValues(namespaces, (one) => orFalse(one, (namespace) => props.namespace(namespace))),
    }),
    ...(worker !== undefined && { worker: orFalse(worker, (one) => props.workerChanges(one)) }),
    ...(workers !== undefined && {
      workers: mapValues(workers, (one) => orFalse(one, (changes) => props.workerChanges(changes))),
    }),
  };
}
