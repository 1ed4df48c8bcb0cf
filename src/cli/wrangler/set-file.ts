import { existsSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { InputError } from "../../errors.js";
import type { PlannedSet } from "../../wrangler/import/plan-set.js";
import { commentsOf } from "../../wrangler/import/written.js";
import type { CommandContext } from "../command.js";
import { IMPORTED_FILE } from "../commands/import-wrangler.js";
import { UsageError } from "../errors.js";
import { writeNew } from "./write-new.js";

/** What a file of sets is written as. */
export function formOf(to: string): "typescript" | "yaml" {
  const extension = to === "-" ? ".ts" : extname(to);
  if (extension === ".ts") return "typescript";
  if (extension === ".yaml" || extension === ".yml") return "yaml";
  throw new UsageError(`--to must end in .ts, .yaml or .yml, got '${to}'`, `as in --to ${IMPORTED_FILE}`);
}

/** @throws InputError `FILE_EXISTS` */
export function refuseExisting(target: string, to: string): void {
  if (!existsSync(target)) return;
  throw new InputError("FILE_EXISTS", `${to} exists already, and is left as it is`, "name another file with --to");
}

/** An app runs where cdktf.json names it. */
export async function writeProject(folder: string, cwd: string, { results }: CommandContext): Promise<void> {
  const path = join(folder, "cdktf.json");
  if (existsSync(path)) return;
  const project = { language: "typescript", app: `npx tsx ${IMPORTED_FILE}`, sendCrashReports: "false" };
  await writeNew(path, path, `${JSON.stringify(project, null, 2)}\n`);
  results.line(`wrote ${relative(cwd, path)}`);
}

/** Prints what needs a decision, and what was left out, as it is in the file. */
export function noteComments(sets: readonly PlannedSet[], { notes }: CommandContext): void {
  for (const { app, props } of sets) {
    for (const { path, text } of commentsOf(props)) {
      if (!/^(decide|left out): /.test(text)) continue;
      const where = [...(sets.length > 1 ? [app] : []), ...path].join(".");
      notes.line(`${notes.paint("yellow", where === "" ? "set" : where)} ${text}`);
    }
  }
}
