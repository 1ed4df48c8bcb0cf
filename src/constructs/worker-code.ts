import { statSync } from "node:fs";
import { relative, sep } from "node:path";
import type { CfkvBundle } from "../assembly/cfkv-record.js";
import { type Bundle, builtModule, bundle, FIRST_LINE } from "../bundle/bundle.js";
import type { Compatibility } from "../bundle/node-modules.js";
import { byText } from "../values/text.js";
import { missingFile } from "./problems.js";
import { fieldsOf, mapOf, plainText, problemsOf, type Shape, boolean } from "./shape.js";

/** The module and what it needs beside it, with how it was bundled or the built file it comes from; or what is wrong. */
export type LoadedCode =
  (Bundle & { readonly record?: CfkvBundle; readonly file?: string }) | { readonly problem: string };

/** How {@link WorkerCode.fromEntry} bundles. */
export interface BundleOptions {
  /**
   * Shortens names and removes whitespace.
   *
   * @default false
   */
  readonly minify?: boolean;

  /**
   * Appends the source map to the module, so that stack traces show the original lines.
   *
   * @default false
   */
  readonly sourceMap?: boolean;

  /**
   * Names to replace by constant expressions, as esbuild's `define` takes them: `{ VERSION: '"1.2.0"' }`.
   *
   * @default - none
   */
  readonly define?: Readonly<Record<string, string>>;
}

/**
 * The code of a Worker: one ES module. Build it from sources, from a built file, or from a string.
 */
export abstract class WorkerCode {
  /**
   * Bundles a TypeScript or JavaScript file and all it imports when the app is synthesized, as wrangler does:
   * `.txt`, `.html` and `.sql` are strings, `.json` values, `.bin` an `ArrayBuffer`; `.wasm` is a module, in gradual
   * rollouts. `cloudflare:*` stays an import, and so do Node.js's modules when the Worker has the flag `nodejs_compat`.
   * `process.env.NODE_ENV` is `production`, or what `define` says.
   *
   * @param file path of the entry, relative to the working directory
   */
  static fromEntry(file: string, options: BundleOptions = {}): WorkerCode {
    return new EntryCode(file, options);
  }

  /** Uses a file that is already one ES module. */
  static fromFile(file: string): WorkerCode {
    return new FileCode(file);
  }

  /** Uses a string as the ES module. */
  static fromInline(source: string): WorkerCode {
    return new InlineCode(source);
  }

  /**
   * Code that wrangler deploys, where Terraform owns the Worker's namespaces, databases, routes, domains and crons:
   * `code: "wrangler"` with the entry, for `cfkv dev`, `cfkv types` and `cfkv wrangler export`.
   *
   * @param file path of the entry, relative to the working directory
   */
  static byWrangler(file: string, options: BundleOptions = {}): WorkerCode {
    return new WranglerCode(file, options);
  }

  /** Who deploys the code, if it is not Terraform. */
  readonly deployedBy: "wrangler" | undefined = undefined;

  private readonly modules = new Map<string, LoadedCode>();

  /** The module and what it needs beside it, or what is wrong. Bundled once, however many Workers use it. */
  module(compatibility: Compatibility): LoadedCode {
    const key = JSON.stringify([compatibility.date, compatibility.flags]);
    const known = this.modules.get(key);
    if (known !== undefined) return known;
    const module = this.load(compatibility);
    const checked = "text" in module && !isModule(module.text) ? { problem: NOT_A_MODULE } : module;
    this.modules.set(key, checked);
    return checked;
  }

  /** Where the code comes from, without loading it. */
  origin(): { readonly record: CfkvBundle } | { readonly problem: string } {
    return { problem: "the code has no entry" };
  }

  protected abstract load(compatibility: Compatibility): LoadedCode;
}

const BUNDLE_OPTIONS = fieldsOf({ minify: boolean, sourceMap: boolean, define: mapOf(plainText) } satisfies Record<
  keyof BundleOptions,
  Shape
>);

const NOT_A_MODULE = "code must be an ES module with 'export default { fetch() {} }', got a script without an export";

/** Whether anything is exported: a script without exports would be taken for a service worker. */
function isModule(text: string): boolean {
  return /(^|[\s;}])export(\s|\{|\*)/.test(text);
}

/** The module with its first line taken up by `statement`; source maps stay true. */
export function withFirstLine(text: string, statement: string): string {
  return text.startsWith(`${FIRST_LINE}\n`) ? statement + text.slice(FIRST_LINE.length) : `${statement}\n${text}`;
}

class EntryCode extends WorkerCode {
  constructor(
    private readonly file: string,
    private readonly options: BundleOptions,
  ) {
    super();
  }

  protected load(compatibility: Compatibility): LoadedCode {
    const problem = fileProblem("code entry", this.file) ?? optionProblem(this.options);
    if (problem !== undefined) return { problem };
    const bundled = bundle({ entry: this.file, compatibility, mode: "production", ...this.options });
    return "problem" in bundled ? bundled : { ...bundled, record: this.record(bundled) };
  }

  private record({ inputs }: Bundle): CfkvBundle {
    const own = inputs.filter((input) => !/[\\/]node_modules[\\/]/.test(input)).map(recordedPath);
    return { entry: recordedPath(this.file), ...this.options, inputs: own.sort(byText) };
  }
}

/** Relative to the app's working directory: the same on every machine. */
export function recordedPath(file: string): string {
  return relative(process.cwd(), file).replaceAll(sep, "/");
}

class WranglerCode extends WorkerCode {
  override readonly deployedBy = "wrangler" as const;

  constructor(
    private readonly file: string,
    private readonly options: BundleOptions,
  ) {
    super();
  }

  override origin(): { readonly record: CfkvBundle } | { readonly problem: string } {
    const problem = fileProblem("code entry", this.file) ?? optionProblem(this.options);
    if (problem !== undefined) return { problem };
    const entry = recordedPath(this.file);
    return { record: { entry, ...this.options, inputs: [entry] } };
  }

  protected load(): LoadedCode {
    return { problem: "code that wrangler deploys cannot be deployed by Terraform" };
  }
}

class FileCode extends WorkerCode {
  constructor(private readonly file: string) {
    super();
  }

  protected load(): LoadedCode {
    const problem = fileProblem("code file", this.file);
    if (problem !== undefined) return { problem };
    return { ...builtModule(this.file), file: recordedPath(this.file) };
  }
}

class InlineCode extends WorkerCode {
  constructor(private readonly source: string) {
    super();
  }

  protected load(): LoadedCode {
    const problem = textProblem("code", this.source);
    return problem === undefined ? { text: this.source, files: [], inputs: [] } : { problem };
  }
}

function fileProblem(what: string, file: string): string | undefined {
  const wrong = textProblem(what, file);
  if (wrong !== undefined) return wrong;
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return missingFile(what, file);
  return found.isFile() ? undefined : `${what} '${file}' is not a file`;
}

function textProblem(what: string, given: string): string | undefined {
  return problemsOf(given, plainText, what, () => [])[0];
}

function optionProblem(options: BundleOptions): string | undefined {
  return problemsOf(options, BUNDLE_OPTIONS, "fromEntry", () => [])[0];
}
