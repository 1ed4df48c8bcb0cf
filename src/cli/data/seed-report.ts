import { quoted } from "../../data/entry.js";
import { positionText } from "../../data/item.js";
import type { MissingEntry } from "../../data/missing.js";
import type { SeedResult } from "../../data/seed.js";
import type { CommandContext } from "../command.js";
import { renderError } from "../errors.js";

const SHOWN = 20;

/** Tells what a seed did. */
export function printSeeded(result: SeedResult, context: CommandContext): void {
  const { entries, written, resumed, unchanged, expired, deleted } = result;
  const parts = [
    `${written} of ${entries} entries written`,
    resumed > 0 ? `${resumed} by the run before` : "",
    unchanged > 0 ? `${unchanged} unchanged` : "",
    expired > 0 ? `${expired} left out as expired` : "",
    deleted > 0 ? `${deleted} ${deleted === 1 ? "key" : "keys"} deleted` : "",
    result.verified ? "read back and found as wanted" : "",
  ];
  context.notes.line(parts.filter((part) => part !== "").join(", "));
  printMissing(result, "cfkv seed … --resume", context);
  if (result.stopped !== undefined) renderError(result.stopped, context.notes);
}

/** Lists what is not as wanted, and how to go on. */
export function printMissing(
  { missing, missingCount, missingFile }: Pick<SeedResult, "missing" | "missingCount" | "missingFile">,
  again: string,
  { notes }: CommandContext,
): void {
  if (missingCount === 0) return;
  notes.line(notes.paint("red", `${missingCount} not as wanted:`));
  for (const each of missing.slice(0, SHOWN)) notes.line(`  ${missingText(each)}`);
  if (missingCount > SHOWN) notes.line(`  and ${missingCount - SHOWN} more`);
  notes.line(`  all of them: ${missingFile ?? ""}`);
  notes.line(`  to go on: ${again}`);
}

function missingText({ key, reason, file, ...place }: MissingEntry): string {
  const where = file === undefined ? "" : `${positionText({ file, ...place })}: `;
  return `${where}${quoted(key)}: ${reason}`;
}
