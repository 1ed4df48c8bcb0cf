import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { FileWatcher } from "../../../src/local/dev/watch-files.js";
import { tempDirs } from "../../support/temp-dir.js";

const dirs = tempDirs();

/** A watcher, and a function that waits until it has reported a file. */
function watching(): {
  readonly watcher: FileWatcher;
  readonly seen: Set<string>;
  readonly reported: (file: string) => Promise<void>;
} {
  const seen = new Set<string>();
  let look = (): void => undefined;
  const watcher = new FileWatcher((file) => {
    seen.add(file);
    look();
  });
  const reported = (file: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (seen.has(file)) resolve();
      };
      look();
    });
  return { watcher, seen, reported };
}

describe("files that are watched one by one", () => {
  it("are reported when they are written or replaced, and their neighbours are not", async () => {
    const file = dirs.write("shared/util.ts", "1");
    const neighbour = dirs.write("shared/other.ts", "1");
    const { watcher, seen, reported } = watching();
    watcher.add([file]);
    writeFileSync(neighbour, "2");
    writeFileSync(file, "2");
    await reported(file);
    expect([...seen]).toEqual([file]);

    seen.clear();
    // As editors save.
    renameSync(dirs.write("shared/util.ts.new", "3"), file);
    await reported(file);
    expect([...seen]).toEqual([file]);
    watcher.close();
  });

  it("are all files of a folder, those that are added later too", async () => {
    const folder = dirs.path("migrations");
    mkdirSync(folder);
    const { watcher, reported } = watching();
    watcher.addFolders([folder]);
    await Promise.all([reported(dirs.write("migrations/0001_init.sql", ""))]);
    await reported(dirs.write("migrations/0002_more.sql", ""));
    watcher.close();
  });

  it("may be missing", () => {
    const { watcher } = watching();
    watcher.add([dirs.path("nowhere", "a.ts")]);
    watcher.addFolders([dirs.path("nowhere")]);
    watcher.close();
    watcher.add([dirs.path("a.ts")]);
  });
});
