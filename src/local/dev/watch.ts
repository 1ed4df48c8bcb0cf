import { watch, type Dirent, type FSWatcher } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** Folders that hold no sources. */
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "coverage", "cdktf.out"]);

/** Files that no app is made from, though they change beside it. */
const SKIPPED_FILES = /(?:^\.(?!dev\.vars)|\.tfstate(?:\.|$)|\.md$|\.log$|~$|\.sw[pox]$)/;

/** Milliseconds of quiet after a change: editors write a file in several steps. */
const QUIET_MS = 40;

/** A project beyond this would be watched in part only. */
const MAX_FOLDERS = 10_000;

export interface SourceOptions {
  /** Absolute folders that are no sources, such as the assembly. */
  readonly except: readonly string[];
}

/** When the newest source below a folder was changed, in milliseconds since 1970. */
export async function newestSource(folder: string, options: SourceOptions): Promise<number> {
  const { files, folders } = await sourcesIn(folder, options);
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const below = await Promise.all(folders.map((each) => newestSource(each, options)));
  return Math.max(0, ...times, ...below);
}

/** Watches the sources below a folder, until it is closed. Folders that appear later are watched too. */
export class SourceWatcher {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(
    private readonly root: string,
    private readonly options: SourceOptions,
    private readonly onChange: (files: readonly string[]) => void,
  ) {}

  /** @param onChange - told of the changed files, relative to the folder, once they are quiet */
  static async start(
    root: string,
    options: SourceOptions,
    onChange: (files: readonly string[]) => void,
  ): Promise<SourceWatcher> {
    const watcher = new SourceWatcher(root, options, onChange);
    await watcher.#add(root);
    return watcher;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #add(folder: string): Promise<void> {
    if (this.#closed || this.#watchers.has(folder) || this.#watchers.size >= MAX_FOLDERS) return;
    try {
      const watcher = watch(folder, (_, name) => {
        if (name !== null) void this.#noticed(folder, name);
      });
      // The folder is gone: its parent tells of that.
      watcher.on("error", () => this.#remove(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      return;
    }
    const { folders } = await sourcesIn(folder, this.options);
    for (const each of folders) await this.#add(each);
  }

  #remove(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  async #noticed(folder: string, name: string): Promise<void> {
    const path = join(folder, name);
    const kind = await stat(path).then(
      (found) => (found.isDirectory() ? "folder" : "file"),
      () => "gone",
    );
    if (this.#closed) return;
    if (kind === "folder") {
      if (!isSourceFolder(path, name, this.options)) return;
      await this.#add(path);
    } else if (this.#watchers.has(path)) {
      this.#remove(path);
    } else if (SKIPPED_FILES.test(name)) return;
    this.#changed.add(relative(this.root, path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const files = [...this.#changed];
      this.#changed.clear();
      this.onChange(files);
    }, QUIET_MS);
  }
}

async function sourcesIn(folder: string, options: SourceOptions): Promise<{ files: string[]; folders: string[] }> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const paths = (wanted: Dirent[]): string[] => wanted.map(({ name }) => join(folder, name));
  return {
    files: paths(entries.filter((entry) => entry.isFile() && !SKIPPED_FILES.test(entry.name))),
    folders: paths(
      entries.filter((entry) => entry.isDirectory() && isSourceFolder(join(folder, entry.name), entry.name, options)),
    ),
  };
}

function isSourceFolder(path: string, name: string, { except }: SourceOptions): boolean {
  return !name.startsWith(".") && !SKIPPED_FOLDERS.has(name) && !except.includes(path);
}
