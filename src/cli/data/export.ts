import { extname, resolve } from "node:path";
import { EXPORT_FORMATS, type ExportFormat } from "../../data/entry-writer.js";
import { exportEntries, exportToFile } from "../../data/export.js";
import { count } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { ExportOptions } from "../commands/export.js";
import { withNamespaces } from "../data/namespaces.js";
import { UsageError } from "../errors.js";
import { startProgress } from "../terminal/progress.js";

/** `cfkv export`: every entry of a namespace, with metadata and expiration. */
export async function exportCommand(namespace: string, options: ExportOptions, context: CommandContext): Promise<void> {
  const { to, prefix = "" } = options;
  if (to === undefined && (options.resume === true || options.json === true)) {
    throw new UsageError(`--${options.resume === true ? "resume" : "json"} needs --to`, "add --to <file>");
  }
  const format = formatOf(options);
  await withNamespaces(context, async (namespaces) => {
    const place = await namespaces.find(namespace, options);
    context.notes.line(`source: ${place.label}`);
    if (to === undefined) {
      const entries = await exportEntries(place.target, (text) => context.results.send(text), { format, prefix });
      context.notes.line(`${count(entries, "entry", "entries")} exported`);
      return;
    }
    namespaces.goOn = "the same command with --resume";
    const progress = await startProgress(context, "entries");
    let entries: number;
    try {
      entries = await exportToFile(place.target, resolve(context.cwd, to), {
        format,
        prefix,
        place: place.identity,
        resume: options.resume ?? false,
        total: () => place.countKeys(prefix),
        onProgress: progress.update,
      });
    } finally {
      progress.stop();
    }
    context.notes.line(`${count(entries, "entry", "entries")} exported to ${to}`);
    if (options.json === true) context.results.json({ source: place.label, file: to, format, entries });
  });
}

function formatOf({ format, to = "" }: ExportOptions): ExportFormat {
  const named = EXPORT_FORMATS.find((each) => each === (format ?? extname(to).slice(1).toLowerCase()));
  if (format !== undefined && named === undefined)
    throw new UsageError(`--format must be ndjson, json or csv, got '${format}'`, "see: cfkv export --help");
  return named ?? "ndjson";
}
