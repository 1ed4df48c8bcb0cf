import { readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fieldsOf, mapOf, plainText, problemsOf, type Shape, truth } from "./shape.js";
import { buildSync, formatMessagesSync, type BuildFailure } from "esbuild";

/** How {@link WorkerCode.fromEntry} bundles. */
export interface BundleOptions {
  /**
   * Shortens names and drops white space.
   *
   * @default false
   */
  readonly minify?: boolean;

  /**
   * Ends the module with its source map, so that stack traces show the original lines.
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

/** The first line of every module, where a gradual rollout puts what a binding cannot carry. */
const FIRST_LINE = "// cdktf-cloudflare-kv";

/**
 * The code of a Worker: one ES module. Build it from sources, from a file that
 * is built already, or from a text.
 */
export abstract class WorkerCode {
  /**
   * Bundles a TypeScript or JavaScript file and all it imports when the app is synthesized.
   * `cloudflare:*` stays an import, and so does `node:*` when the Worker has the flag `nodejs_compat`.
   *
   * @param file path of the entry, relative to the working directory
   */
  static fromEntry(file: string, options: BundleOptions = {}): WorkerCode {
    return new EntryCode(file, options);
  }

  /** Takes a file that is one ES module already. */
  static fromFile(file: string): WorkerCode {
    return new FileCode(file);
  }

  /** Takes the text of one ES module. */
  static fromInline(source: string): WorkerCode {
    return new InlineCode(source);
  }

  private readonly modules = new Map<boolean, ModuleText>();

  /** The module's text, or what is wrong with it. Bundled once, however many Workers use it. */
  module(nodejsCompat: boolean): ModuleText {
    const known = this.modules.get(nodejsCompat);
    if (known !== undefined) return known;
    const module = this.load(nodejsCompat);
    const checked = "text" in module && !isModule(module.text) ? { problem: NOT_A_MODULE } : module;
    this.modules.set(nodejsCompat, checked);
    return checked;
  }

  protected abstract load(nodejsCompat: boolean): ModuleText;
}

const BUNDLE_OPTIONS = fieldsOf({ minify: truth, sourceMap: truth, define: mapOf(plainText) } satisfies Record<
  keyof BundleOptions,
  Shape
>);

/** Either the text of a module or why there is none. */
export type ModuleText = { readonly text: string } | { readonly problem: string };

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

  protected load(nodejsCompat: boolean): ModuleText {
    const problem = fileProblem("code entry", this.file) ?? optionProblem(this.options);
    if (problem !== undefined) return { problem };
    const entry = resolve(this.file);
    const { minify = false, sourceMap = false, define = {} } = this.options;
    try {
      const { outputFiles, metafile } = buildSync({
        entryPoints: [entry],
        // Paths in comments and source maps are relative to this: the same on every machine.
        absWorkingDir: dirname(entry),
        bundle: true,
        write: false,
        outfile: "index.js",
        format: "esm",
        target: "es2022",
        platform: "browser",
        conditions: ["workerd", "worker", "browser"],
        mainFields: ["browser", "module", "main"],
        external: ["cloudflare:*", ...(nodejsCompat ? ["node:*"] : [])],
        banner: { js: FIRST_LINE },
        charset: "utf8",
        logLevel: "silent",
        minify,
        sourcemap: sourceMap ? "external" : false,
        metafile: true,
        define: { ...define },
      });
      const name = stableNames(Object.keys(metafile.inputs));
      const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
      const text = withStableComments(textOf(".js"), name);
      return { text: sourceMap ? text + inlineMap(textOf(".map"), name) : text };
    } catch (error) {
      return { problem: `code could not be bundled:\n${explain(error, entry)}` };
    }
  }
}

/** Packages go by their place in `node_modules`, wherever a link to that folder leads on this machine. */
function stableNames(inputs: readonly string[]): (input: string) => string {
  const names = new Map(
    inputs
      .filter((input) => input.startsWith(".."))
      .map((input) => [input, /node_modules\/.*$/.exec(input)?.[0] ?? input]),
  );
  return (input) => names.get(input) ?? input;
}

/** esbuild writes the path of each file as a comment before its code. */
function withStableComments(text: string, name: (input: string) => string): string {
  return text.replace(/^\/\/ (\.\.\/.*)$/gm, (_, input: string) => `// ${name(input)}`);
}

function inlineMap(json: string, name: (input: string) => string): string {
  const map = JSON.parse(json) as { sources: string[] };
  const stable = JSON.stringify({ ...map, sources: map.sources.map(name) });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(stable).toString("base64")}\n`;
}

/** esbuild's own messages, with their positions relative to the working directory. */
function explain(error: unknown, entry: string): string {
  const { errors } = error as Partial<BuildFailure>;
  if (errors === undefined) return error instanceof Error ? error.message : String(error);
  const fromHere = errors.map(({ location, ...message }) => ({
    ...message,
    location: location && { ...location, file: relative(process.cwd(), resolve(dirname(entry), location.file)) },
  }));
  const text = formatMessagesSync(fromHere, { kind: "error", color: false }).join("").trimEnd();
  const node = errors.some(({ text }) => /node:|built into node/.test(text));
  return node ? `${text}\n\nadd compatibilityFlags: ["nodejs_compat"] to use Node.js modules` : text;
}

class FileCode extends WorkerCode {
  constructor(private readonly file: string) {
    super();
  }

  protected load(): ModuleText {
    const problem = fileProblem("code file", this.file);
    return problem === undefined ? { text: readFileSync(this.file, "utf8") } : { problem };
  }
}

class InlineCode extends WorkerCode {
  constructor(private readonly source: string) {
    super();
  }

  protected load(): ModuleText {
    const problem = textProblem("code", this.source);
    return problem === undefined ? { text: this.source } : { problem };
  }
}

function fileProblem(what: string, file: string): string | undefined {
  const wrong = textProblem(what, file);
  if (wrong !== undefined) return wrong;
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return `${what} '${file}' does not exist`;
  return found.isFile() ? undefined : `${what} '${file}' is not a file`;
}

function textProblem(what: string, given: string): string | undefined {
  return problemsOf(given, plainText, what, () => [])[0];
}

function optionProblem(options: BundleOptions): string | undefined {
  return problemsOf(options, BUNDLE_OPTIONS, "fromEntry", () => [])[0];
}
