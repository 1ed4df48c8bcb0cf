import { relative } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import { isSource, type SourceOptions } from "./sources.js";
import { FileWatcher } from "./watch-files.js";

/**
 * How many milliseconds without another change pass before a change is reported: editors write a file in several steps.
 */
const QUIET_MS = 40;

/** Watches the sources below a folder, and files elsewhere, until it is closed. */
export class SourceWatcher {
  readonly #changed = new Set<string>();
  readonly #outside = new FileWatcher((path) => this.#noticed(path));
  #timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly root: string,
    private readonly below: FSWatcher,
    private readonly onChange: (files: readonly string[]) => void,
  ) {
    for (const event of ["add", "change", "unlink"] as const) below.on(event, (path) => this.#noticed(path));
  }

  /** @param onChange - called with the changed files, relative to the folder, when no more change */
  static async start(
    root: string,
    options: SourceOptions,
    onChange: (files: readonly string[]) => void,
  ): Promise<SourceWatcher> {
    const below = watch(root, {
      ignoreInitial: true,
      ignorePermissionErrors: true,
      atomic: true,
      followSymlinks: false,
      ignored: (path, stats) => !isSource(root, path, stats?.isDirectory() ?? false, options),
    });
    await new Promise<void>((resolve) => below.once("ready", resolve));
    // A folder that can no longer be read is not a reason to stop.
    below.on("error", () => undefined);
    return new SourceWatcher(root, below, onChange);
  }

  /** Watches these absolute files too, wherever they are. */
  add(files: readonly string[]): void {
    this.#outside.add(files);
  }

  /** Watches every file of these absolute folders too. */
  addFolders(folders: readonly string[]): void {
    this.#outside.addFolders(folders);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#outside.close();
    await this.below.close();
  }

  #noticed(path: string): void {
    this.#changed.add(relative(this.root, path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const files = [...this.#changed];
      this.#changed.clear();
      this.onChange(files);
    }, QUIET_MS);
  }
}
