import { quoted } from "../../data/entry.js";
import { positionText } from "../../data/item.js";
import type { MissingEntry } from "../../data/missing.js";
import type { SeedResult } from "../../data/seed-options.js";
import type { CommandContext } from "../command.js";
import { count } from "../../values/text.js";
import { renderError } from "../errors.js";

const SHOWN = 20;

/** Prints what a seed did. */
export function printSeeded(result: SeedResult, context: CommandContext): void {
  const { entries, written, resumed, unchanged, expired, deleted } = result;
  const parts = [
    `${written} of ${entries} entries written`,
    resumed > 0 ? `${resumed} by the earlier run` : "",
    unchanged > 0 ? `${unchanged} unchanged` : "",
    expired > 0 ? `${expired} left out as expired` : "",
    deleted > 0 ? `${deleted} ${deleted === 1 ? "key" : "keys"} deleted` : "",
    result.verified ? "verified" : "",
  ];
  context.notes.line(parts.filter((part) => part !== "").join(", "));
  printMissing(result, "cfkv seed … --resume", context);
  if (result.stopped !== undefined) renderError(result.stopped, context.notes);
}

/** Lists what is missing or differs, and how to continue. */
export function printMissing(
  { missing, missingCount, missingFile }: Pick<SeedResult, "missing" | "missingCount" | "missingFile">,
  again: string,
  { notes }: CommandContext,
): void {
  if (missingCount === 0) return;
  notes.line(notes.paint("red", `${count(missingCount, "entry", "entries")} not written or not verified:`));
  for (const each of missing.slice(0, SHOWN)) notes.line(`  ${missingText(each)}`);
  if (missingCount > SHOWN) notes.line(`  and ${missingCount - SHOWN} more`);
  notes.line(`  full list: ${missingFile ?? ""}`);
  notes.line(`  to continue: ${again}`);
}

function missingText({ key, reason, file, ...place }: MissingEntry): string {
  const where = file === undefined ? "" : `${positionText({ file, ...place })}: `;
  return `${where}${quoted(key)}: ${reason}`;
}
