import { count, printable } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { PrunePreviewsOptions } from "../commands/previews-list.js";
import { renderError, UsageError } from "../errors.js";
import { columns } from "../terminal/columns.js";
import { confirm } from "../terminal/confirm.js";
import { findPreviews, type Preview } from "./find-previews.js";
import { previewJson, previewRow } from "./list.js";

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `cfkv previews prune`: deletes previews that nobody has deployed for a while. */
export async function prunePreviewsCommand(
  { olderThan, yes, json }: PrunePreviewsOptions,
  context: CommandContext,
): Promise<void> {
  const before = Date.now() - ageOf(olderThan);
  const { notes, results } = context;
  const all = await findPreviews(context);
  const old = all.filter(({ deployedOn }) => deployedOn !== undefined && deployedOn < before);
  const unknown = all.filter(({ deployedOn }) => deployedOn === undefined);
  for (const preview of unknown) notes.line(`kept: ${previewRow(preview).join("  ")}`);
  for (const line of columns(old.map(previewRow))) notes.line(line);
  const done: Preview[] = [];
  if (old.length > 0) {
    await confirm(context, `delete ${count(old.length, "preview")} with all keys in them`, yes);
    for (const preview of old) {
      try {
        await remove(preview);
        done.push(preview);
      } catch (error) {
        renderError(error, notes);
        notes.line(`preview '${printable(preview.stack)}' is not deleted, or only in part: run the command again`);
        context.finishWith(4);
      }
    }
  }
  if (json === true) results.json({ deleted: done.map(previewJson), kept: unknown.map(previewJson) });
  else results.line(`${count(done.length, "preview")} deleted`);
}

/** Workers first: a namespace that is bound cannot be deleted. */
async function remove({ client, workers, namespaces, databases }: Preview): Promise<void> {
  for (const name of workers) await client.deleteWorker(name);
  for (const { id } of namespaces) await client.deleteNamespace(id);
  for (const { id } of databases) await client.deleteDatabase(id);
}

function ageOf(text: string): number {
  const [, number, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * UNITS[unit as keyof typeof UNITS];
  throw new UsageError(
    `--older-than must be a number of minutes, hours or days, got '${text}'`,
    "for example 7d, 12h or 30m",
  );
}
