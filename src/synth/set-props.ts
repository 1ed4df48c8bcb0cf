import type { OtherBinding, RateLimitProps } from "../constructs/binding-props.js";
import type { EnvironmentNamespaceProps } from "../constructs/environment-props.js";
import type {
  EnvironmentD1Props,
  EnvironmentWorkerOverrides,
  EnvironmentWorkerProps,
  OtherBindingByName,
} from "../constructs/environment-worker-props.js";
import { Rollout } from "../constructs/rollout.js";
import { WorkerCode } from "../constructs/worker-code.js";
import type { EnvironmentSetDocument, ManifestOf } from "../manifest/index.js";
import { constructFile, type DefineOptions } from "./define-options.js";

type Spec = EnvironmentSetDocument["spec"];
type Worker = NonNullable<Spec["worker"]>;
type WorkerChanges = Exclude<NonNullable<Spec["environments"][string]["worker"]>, false>;
type Code = NonNullable<Worker["code"]>;
type Namespace = Spec["namespaces"][string];
type Database = NonNullable<Worker["d1"]>[string];

/** Props for constructs: file paths become relative to the manifest, code and rollouts become objects. */
export class SetProps {
  /** One piece of code, one bundle, however many environments use it. */
  readonly #codes = new Map<string, WorkerCode>();

  constructor(
    private readonly manifest: ManifestOf<"EnvironmentSet">,
    private readonly options: DefineOptions,
  ) {}

  namespace({ seed, value, ...namespace }: Namespace): EnvironmentNamespaceProps {
    const [module = "", name = ""] = value?.split("#") ?? [];
    return {
      ...namespace,
      ...(seed !== undefined && this.options.isRehearsal !== true && { seed: seed.map((file) => this.#file(file)) }),
      ...(value !== undefined && { value: module.startsWith(".") ? `./${this.#file(module)}#${name}` : value }),
    };
  }

  database({ migrations, ...database }: Database): EnvironmentD1Props {
    if (migrations === undefined || this.options.isRehearsal === true) return database;
    return { ...database, migrations: this.#file(migrations) };
  }

  worker(worker: Worker): EnvironmentWorkerProps {
    // Without false among the bindings, there is none in the result.
    return this.workerChanges(worker) as EnvironmentWorkerProps;
  }

  workerChanges({
    code,
    rollout,
    assets,
    rateLimits,
    bindings,
    d1,
    ...worker
  }: WorkerChanges): EnvironmentWorkerOverrides {
    return {
      ...worker,
      ...(code !== undefined && { code: this.#isWranglers(code) ? "wrangler" : this.#code(code) }),
      ...(d1 !== undefined && {
        d1: mapValues(d1, (database) => (database === false ? false : this.database(database))),
      }),
      // The construct itself checks the period.
      ...(rateLimits !== undefined && { rateLimits: rateLimits as Readonly<Record<string, RateLimitProps | false>> }),
      // The construct itself checks the attributes.
      ...(bindings !== undefined && {
        bindings: bindings as unknown as readonly OtherBinding[] | Readonly<Record<string, OtherBindingByName | false>>,
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

  /** A file of code need not exist when it is only rehearsed. */
  #isWranglers(code: Code): boolean {
    if (typeof code === "string") return code === "wrangler";
    return code.wrangler !== undefined && this.options.isRehearsal === true;
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
    const { entry, file, inline = "", wrangler, ...bundling } = code;
    if (wrangler !== undefined) return WorkerCode.byWrangler(this.#file(wrangler), bundling);
    if (entry !== undefined) return WorkerCode.fromEntry(this.#file(entry), bundling);
    return file === undefined ? WorkerCode.fromInline(inline) : WorkerCode.fromFile(this.#file(file));
  }

  #file(file: string): string {
    return constructFile(this.manifest, file, this.options);
  }
}

/** The same names with other values. */
export function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
