import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The folder for data that a project's Workers store on this machine, beside its `cdktf.json`. */
export const DATA_FOLDER = ".cfkv";

/** Creates the data folder: for its owner only, and ignored by git whatever the project's `.gitignore` says. */
export async function prepareDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const ignore = join(folder, ".gitignore");
  if (!existsSync(ignore)) await writeFile(ignore, "*\n", { mode: 0o600 });
}

/** The folder of workerd's files. */
export function workerdFolder(folder: string): string {
  return join(folder, "data");
}
