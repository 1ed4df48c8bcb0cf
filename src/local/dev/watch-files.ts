import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Watches single files by their folders: editors replace a file rather than write into it. Watching starts before `add`
 * returns.
 */
export class FileWatcher {
  readonly #files = new Set<string>();
  /** Folders in which every file is watched. */
  readonly #whole = new Set<string>();
  readonly #folders = new Map<string, FSWatcher>();

  #isClosed = false;

  constructor(private readonly onChange: (file: string) => void) {}

  /** Watches these absolute files too. */
  add(files: readonly string[]): void {
    if (this.#isClosed) return;
    for (const file of files) {
      this.#files.add(file);
      const folder = dirname(file);
      if (!this.#folders.has(folder)) this.#watch(folder);
    }
  }

  /** Watches every file of these absolute folders, including folders that do not exist yet. */
  addFolders(folders: readonly string[]): void {
    if (this.#isClosed) return;
    for (const folder of folders) {
      this.#whole.add(folder);
      if (!this.#folders.has(folder)) this.#watch(folder);
    }
  }

  /** Stops watching for good: files added later are not watched. */
  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, (_, name) => {
        if (name === null) return;
        const path = join(folder, name);
        if (this.#files.has(path) || this.#whole.has(folder)) this.onChange(path);
      });
      // A removed folder is not a reason to stop.
      watcher.on("error", () => watcher.close());
      this.#folders.set(folder, watcher);
    } catch {
      // It is gone, or the system has no watches left: the file is read at the next start.
    }
  }
}
