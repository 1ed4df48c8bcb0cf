import type { App } from "cdktf";
import type { D1Props, OtherBinding, RateLimitProps } from "../constructs/binding-props.js";
import type {
  EnvironmentNamespaceProps,
  EnvironmentProps,
  EnvironmentWorkerProps,
} from "../constructs/environment-props.js";
import { EnvironmentSet } from "../constructs/environment-set.js";
import { Rollout } from "../constructs/rollout.js";
import { r2Backend } from "../constructs/state.js";
import { WorkerCode } from "../constructs/worker-code.js";
import type { EnvironmentSetDocument, ManifestOf } from "../manifest/index.js";
import { accountOf, constructFile, type DefineOptions } from "./define-options.js";

type Spec = EnvironmentSetDocument["spec"];
type Worker = NonNullable<Spec["worker"]>;
type Code = NonNullable<Worker["code"]>;
type Namespace = Spec["namespaces"][string];
type Database = NonNullable<Worker["d1"]>[string];
type Environment = Spec["environments"][string];

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
    environments,
    backend,
    providerVersion,
    retired,
    deleted,
  } = spec;
  const accountId = accountOf(spec.accountId, options);
  const props = new Props(manifest, options);

  return new EnvironmentSet(app, metadata.name, {
    app: name,
    namespaces: mapValues(namespaces, (namespace) => props.namespace(namespace)),
    environments: mapValues(environments, (environment) => props.environment(environment)),
    ...(worker !== undefined && { worker: props.worker(worker) }),
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

/** Props for constructs: file paths become relative to the manifest, code and rollouts become objects. */
class Props {
  /** One piece of code, one bundle, however many environments use it. */
  readonly #codes = new Map<string, WorkerCode>();

  constructor(
    private readonly manifest: ManifestOf<"EnvironmentSet">,
    private readonly options: DefineOptions,
  ) {}

  namespace({ seed, ...namespace }: Namespace): EnvironmentNamespaceProps {
    if (seed === undefined || this.options.isRehearsal === true) return namespace;
    return { ...namespace, seed: seed.map((file) => this.#file(file)) };
  }

  database({ migrations, ...database }: Database): D1Props {
    if (migrations === undefined || this.options.isRehearsal === true) return database;
    return { ...database, migrations: this.#file(migrations) };
  }

  environment({ namespaces, worker, ...environment }: Environment): EnvironmentProps {
    return {
      ...environment,
      ...(namespaces !== undefined && {
        namespaces: mapValues(namespaces, (namespace) => (namespace === false ? false : this.namespace(namespace))),
      }),
      ...(worker !== undefined && { worker: worker === false ? false : this.worker(worker) }),
    };
  }

  worker({ code, rollout, assets, rateLimits, bindings, d1, ...worker }: Worker): EnvironmentWorkerProps {
    return {
      ...worker,
      ...(code !== undefined && { code: this.#code(code) }),
      ...(d1 !== undefined && { d1: mapValues(d1, (database) => this.database(database)) }),
      // The construct itself checks the period.
      ...(rateLimits !== undefined && { rateLimits: rateLimits as Readonly<Record<string, RateLimitProps>> }),
      // The construct itself checks the attributes.
      ...(bindings !== undefined && {
        bindings: bindings as unknown as readonly OtherBinding[],
      }),
      ...(assets !== undefined &&
        this.options.isRehearsal !== true && {
          assets: { ...assets, directory: this.#file(assets.directory) },
        }),
      ...(rollout !== undefined && { rollout: this.#rollout(rollout) }),
    };
  }

  #rollout({ releases, mixedBindings }: NonNullable<Worker["rollout"]>): Rollout {
    return Rollout.gradual(
      releases.map(({ code, ...release }) => ({ ...release, ...(code !== undefined && { code: this.#code(code) }) })),
      mixedBindings === undefined ? {} : { mixedBindings },
    );
  }

  #code(code: Code): WorkerCode {
    const key = JSON.stringify(code);
    const known = this.#codes.get(key) ?? this.#newCode(code);
    this.#codes.set(key, known);
    return known;
  }

  #newCode(code: Code): WorkerCode {
    if (this.options.isRehearsal === true) return WorkerCode.fromInline("export default {};");
    if (typeof code === "string") return WorkerCode.fromEntry(this.#file(code));
    const { entry, file, inline = "", ...bundling } = code;
    if (entry !== undefined) return WorkerCode.fromEntry(this.#file(entry), bundling);
    return file === undefined ? WorkerCode.fromInline(inline) : WorkerCode.fromFile(this.#file(file));
  }

  #file(file: string): string {
    return constructFile(this.manifest, file, this.options);
  }
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
