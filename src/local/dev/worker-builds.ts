import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { InputError } from "../../errors.js";
import { readModule, type CodeSource, type Worker, type WorkerVersion } from "../../assembly/index.js";
import type { Bundle } from "../../bundle/bundle.js";
import type { EngineCode } from "../engine/types.js";
import { SourcePositions } from "./source-positions.js";
import { TRACE_PRELUDE } from "./trace-prelude.js";

/** A version that runs, with its Worker. */
export interface RunningVersion {
  readonly worker: Worker;
  readonly version: WorkerVersion;
}

interface Build {
  readonly code: EngineCode;
  /** Absolute. */
  readonly inputs: readonly string[];
  /** Of the options and of each input: if it is unchanged, so is the code. */
  readonly stamp: string;
}

/**
 * Bundles the code of Workers from the sources that an assembly names, for development: `NODE_ENV` is set accordingly,
 * and stack traces have positions in the sources. Rebuilds only what has changed.
 */
export class WorkerBuilds {
  readonly #builds = new Map<string, Build>();
  readonly #recorded = new Set<string>();
  readonly #positions: SourcePositions;

  /** @param root - the folder that the app ran in */
  constructor(private readonly root: string) {
    this.#positions = new SourcePositions(root);
  }

  /** Absolute paths of all source files of Workers, wherever they are. */
  get inputs(): ReadonlySet<string> {
    return new Set([...this.#recorded, ...[...this.#builds.values()].flatMap(({ inputs }) => inputs)]);
  }

  /**
   * The code of the versions whose sources exist.
   *
   * @throws InputError `WORKER_NOT_BUNDLED` with esbuild's message
   */
  async build(running: readonly RunningVersion[]): Promise<ReadonlyMap<WorkerVersion, EngineCode>> {
    const codes = new Map<WorkerVersion, EngineCode>();
    this.#recorded.clear();
    for (const { version } of running) {
      for (const input of version.source?.inputs ?? []) this.#recorded.add(resolve(this.root, input));
    }
    for (const { worker, version } of running) {
      const { source } = version;
      if (source === undefined || !existsSync(resolve(this.root, source.entry))) continue;
      codes.set(version, await this.#codeOf(worker, version, source));
    }
    return codes;
  }

  /** The text with positions in bundles replaced by those in the sources. */
  mapped(text: string): string {
    return this.#positions.mapped(text);
  }

  async #codeOf(worker: Worker, version: WorkerVersion, source: CodeSource): Promise<EngineCode> {
    const options = JSON.stringify([source.entry, source.minify, source.define, compatibilityOf(version)]);
    const key = JSON.stringify([worker.stack, worker.name, version.logicalId]);
    const known = this.#builds.get(key);
    const before = firstLine(version);
    if (known !== undefined && known.stamp === stampOf(options + before, known.inputs)) return known.code;

    const bundled = await this.#bundle(worker, version, source);
    const name = worker.versions.length > 1 ? `${worker.name}@${version.logicalId}.js` : `${worker.name}.js`;
    const entry = resolve(this.root, source.entry);
    // On the first line, which no source position points at.
    const text = bundled.text.replace(/^.*/, () => TRACE_PRELUDE + before);
    this.#positions.set(name, text, entry);
    const files = bundled.files.map(({ name, type, content }) => ({ name, type, content }));
    const code: EngineCode = { modules: [{ name, content: text }, ...files] };
    this.#builds.set(key, { code, inputs: bundled.inputs, stamp: stampOf(options + before, bundled.inputs) });
    return code;
  }

  async #bundle(worker: Worker, version: WorkerVersion, { entry, minify, define }: CodeSource): Promise<Bundle> {
    const { asOneModule, bundle } = await import("../../bundle/bundle.js");
    const bundled = bundle({
      entry: resolve(this.root, entry),
      compatibility: compatibilityOf(version),
      mode: "development",
      sourceMap: true,
      minify,
      define,
    });
    // What could not be deployed is refused here too.
    const code = "problem" in bundled || worker.form === "versions" ? bundled : asOneModule(bundled);
    if (!("problem" in code)) return code;
    throw new InputError("WORKER_NOT_BUNDLED", `Worker '${worker.name}': ${code.problem}`, "correct the source");
  }
}

function compatibilityOf({ compatibilityDate = "", compatibilityFlags }: WorkerVersion) {
  return { date: compatibilityDate, flags: compatibilityFlags };
}

/** In a gradual rollout the first line of the module carries what bindings cannot. */
function firstLine({ modules, mainModule }: WorkerVersion): string {
  const main = modules.find(({ name }) => name === mainModule);
  const text = main === undefined ? "" : Buffer.from(readModule(main)).toString();
  return /^.*/.exec(text)?.[0] ?? "";
}

function stampOf(options: string, inputs: readonly string[]): string {
  const files = inputs.map((input) => {
    const found = statSync(input, { throwIfNoEntry: false });
    return [input, found?.mtimeMs, found?.size];
  });
  return JSON.stringify([options, files]);
}
