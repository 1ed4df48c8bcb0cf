import { closest, didYouMean } from "../../suggest.js";
import type { Files } from "../files/files.js";
import { type ManifestOf, placeOf } from "../manifest.js";
import { checkFile } from "../files/manifest-folder.js";
import { quote } from "../findings/quote.js";

type Spec = ManifestOf<"EnvironmentSet">["value"]["spec"];
/** As an environment changes it: a Worker of the set is one without changes that leave something out. */
type Worker = Exclude<NonNullable<Spec["environments"][string]["worker"]>, false>;
type Code = NonNullable<Worker["code"]>;
type Path = readonly (string | number)[];

/** Checks a set as a whole: overrides name existing namespaces, code has one source, files exist. */
export class EnvironmentSetCheck {
  constructor(
    private readonly set: ManifestOf<"EnvironmentSet">,
    private readonly files: Files,
  ) {}

  run(): void {
    const { namespaces, worker, workers, environments } = this.set.value.spec;
    for (const [binding, { seed }] of Object.entries(namespaces)) this.#seeds(seed, ["spec", "namespaces", binding]);
    this.#worker(worker, ["spec", "worker"]);
    this.#workers(workers, ["spec", "workers"]);
    for (const [name, environment] of Object.entries(environments)) {
      const path = ["spec", "environments", name];
      for (const [binding, overrides] of Object.entries(environment.namespaces ?? {})) {
        this.#override(binding, overrides === false, [...path, "namespaces", binding]);
        if (overrides !== false) this.#seeds(overrides.seed, [...path, "namespaces", binding]);
      }
      if (environment.worker !== false) this.#worker(environment.worker, [...path, "worker"]);
      this.#workers(environment.workers, [...path, "workers"]);
    }
  }

  /** A misspelt override must not become a new, empty namespace. */
  #override(binding: string, isLeftOut: boolean, path: Path): void {
    const known = Object.keys(this.set.value.spec.namespaces);
    if (known.includes(binding) || (!isLeftOut && closest(binding, known) === undefined)) return;
    const message = `the set has no namespace ${quote(binding)}${didYouMean(binding, known)}`;
    placeOf(this.set, ...path).report({ code: "UNKNOWN_NAMESPACE", message });
  }

  #seeds(seed: readonly string[] | undefined, path: Path): void {
    seed?.forEach((file, index) => this.#file(file, [...path, "seed", index]));
  }

  #workers(workers: Readonly<Record<string, Worker | false>> = {}, path: Path): void {
    for (const [name, worker] of Object.entries(workers)) if (worker !== false) this.#worker(worker, [...path, name]);
  }

  #worker(worker: Worker | undefined, path: Path): void {
    if (worker === undefined) return;
    this.#code(worker.code, [...path, "code"]);
    for (const [binding, database] of Object.entries(worker.d1 ?? {})) {
      if (database !== false) this.#file(database.migrations, [...path, "d1", binding, "migrations"]);
    }
    this.#file(worker.assets?.directory, [...path, "assets", "directory"]);
    worker.rollout?.releases.forEach(({ code }, index) =>
      this.#code(code, [...path, "rollout", "releases", index, "code"]),
    );
  }

  #code(code: Code | undefined, path: Path): void {
    if (code === "wrangler") return;
    if (code === undefined || typeof code === "string") {
      this.#file(code, path);
      return;
    }
    const given = (["entry", "file", "inline", "wrangler"] as const).filter((field) => code[field] !== undefined);
    if (given.length !== 1) {
      const message = `code must have one of entry, file, inline and wrangler, got ${given.join(" and ") || "none"}`;
      placeOf(this.set, ...path).report({ code: "INVALID_VALUE", message });
    }
    for (const field of ["minify", "sourceMap", "define"] as const) {
      if (code[field] === undefined || (code.entry ?? code.wrangler) !== undefined) continue;
      const message = `${field} applies only to an entry, which is bundled`;
      placeOf(this.set, ...path, field).report({ code: "INVALID_VALUE", message });
    }
    this.#file(code.entry, [...path, "entry"]);
    this.#file(code.file, [...path, "file"]);
    this.#file(code.wrangler, [...path, "wrangler"]);
  }

  #file(file: string | undefined, path: Path): void {
    checkFile(this.files, this.set, file, ...path);
  }
}
