import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { InputError } from "../../errors.js";
import type { CommandContext } from "../command.js";
import type { NewFiles } from "./templates.js";

/**
 * Writes new files, all or none: nothing is overwritten.
 *
 * @throws InputError `FILE_EXISTS` with every file that is there already
 */
export function writeNewFiles(folder: string, files: NewFiles, { cwd, notes }: CommandContext): void {
  const shown = (path: string): string => relative(cwd, join(folder, path)) || path;
  const existing = [...files.keys()].filter((path) => existsSync(join(folder, path)));
  if (existing.length > 0) {
    throw new InputError(
      "FILE_EXISTS",
      `nothing was written, as ${existing.map(shown).join(", ")} would be overwritten`,
      "give another name, or move what is there",
    );
  }
  for (const [path, text] of files) {
    try {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { flag: "wx" });
    } catch (cause) {
      throw new InputError(
        "FILE_UNWRITABLE",
        `${shown(path)} cannot be written`,
        "check the permissions of its folder",
        {
          cause,
        },
      );
    }
    notes.line(`wrote ${shown(path)}`);
  }
}
