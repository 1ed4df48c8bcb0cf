import { resolve } from "node:path";
import type { ExportFormat } from "../../data/entry-writer.js";
import { exportEntries, exportToFile } from "../../data/export.js";
import type { DefineCommand, CommandContext } from "../command.js";
import { withPlaces } from "../data/places.js";
import { UsageError } from "../errors.js";
import { startProgress } from "../terminal/progress.js";
import { withOutputOption } from "../project.js";

interface Options {
  readonly output?: string;
  readonly stack?: string;
  readonly local?: true;
  readonly to?: string;
  readonly format?: string;
  readonly prefix?: string;
  readonly resume?: true;
  readonly json?: true;
}

/** `cfkv export`: every entry of a namespace, with metadata and expiration. */
export const define: DefineCommand = (command, context) => {
  withOutputOption(command)
    .description("write every entry of a namespace, with metadata and expiration, as cfkv seed reads it")
    .argument("<namespace>", "name or id; with --stack or --local also a binding")
    .option("-s, --stack <stack>", "the stack or environment, in which the namespace is named by its binding")
    .option("--local", "the data of cfkv dev instead of Cloudflare")
    .option("--to <file>", "the file to write (default: stdout)")
    .option("--format <format>", "ndjson, or json as wrangler reads it (default: by the file's extension, or ndjson)")
    .option("--prefix <prefix>", "only keys that begin with it")
    .option("--resume", "go on with an export to a file that was interrupted")
    .option("--json", "print what was done as JSON; needs --to")
    .action((namespace: string, options: Options) => exportCommand(namespace, options, context));
};

async function exportCommand(namespace: string, options: Options, context: CommandContext): Promise<void> {
  const { to, prefix = "" } = options;
  if (to === undefined && (options.resume === true || options.json === true)) {
    throw new UsageError(`--${options.resume === true ? "resume" : "json"} needs --to`, "add --to <file>");
  }
  const format = formatOf(options);
  await withPlaces(context, async (places) => {
    const place = await places.find(namespace, options);
    context.notes.line(`source: ${place.label}`);
    if (to === undefined) {
      const sink = (text: string): Promise<void> => {
        context.results.write(text);
        return Promise.resolve();
      };
      const entries = await exportEntries(place.target, sink, { format, prefix });
      context.notes.line(`${entries} entries exported`);
      return;
    }
    places.goOn = "the same command with --resume";
    const progress = await startProgress(context, "entries");
    let entries: number;
    try {
      entries = await exportToFile(place.target, resolve(context.cwd, to), {
        format,
        prefix,
        place: place.identity,
        resume: options.resume ?? false,
        onProgress: progress.update,
      });
    } finally {
      progress.stop();
    }
    context.notes.line(`${entries} entries exported to ${to}`);
    if (options.json === true) context.results.json({ source: place.label, file: to, format, entries });
  });
}

function formatOf({ format, to = "" }: Options): ExportFormat {
  if (format === "ndjson" || format === "json") return format;
  if (format !== undefined)
    throw new UsageError(`--format must be ndjson or json, got '${format}'`, "see: cfkv export --help");
  return to.toLowerCase().endsWith(".json") ? "json" : "ndjson";
}
