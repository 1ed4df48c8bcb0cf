import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";

/** Folders without sources. */
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "coverage", "cdktf.out"]);

/** Files that are not sources, although they change beside them. */
const SKIPPED_FILES = /(?:^\.(?!dev\.vars|env)|\.tfstate(?:\.|$)|\.md$|\.log$|~$|\.sw[pox]$|^4913$|\.tmp(?:\.|$))/;

export interface SourceOptions {
  /** Absolute folders without sources, such as the assembly. */
  readonly except: readonly string[];
}

/** Whether a path below a folder is a source, or a folder that may contain some. */
export function isSource(root: string, path: string, isFolder: boolean, { except }: SourceOptions): boolean {
  const inside = relative(root, path);
  if (inside === "") return true;
  const folders = inside.split(sep);
  const name = isFolder ? undefined : folders.pop();
  if (folders.some((folder) => folder.startsWith(".") || SKIPPED_FOLDERS.has(folder))) return false;
  if (except.some((folder) => path === folder || path.startsWith(folder + sep))) return false;
  return name === undefined || !SKIPPED_FILES.test(name);
}

/**
 * When the newest source below a folder was changed, in milliseconds since 1970.
 *
 * @param without - absolute files to ignore
 */
export async function newestSource(
  root: string,
  options: SourceOptions,
  without: ReadonlySet<string> = new Set(),
): Promise<number> {
  return newestBelow(root, root, options, without);
}

async function newestBelow(
  folder: string,
  root: string,
  options: SourceOptions,
  without: ReadonlySet<string>,
): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const times = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (without.has(path) || !isSource(root, path, entry.isDirectory(), options)) return 0;
    if (entry.isDirectory()) return newestBelow(path, root, options, without);
    if (!entry.isFile() || basename(path).startsWith(".dev.vars")) return 0;
    return stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  });
  return Math.max(0, ...(await Promise.all(times)));
}
