import { mkdirSync, rmSync, utimesSync } from "node:fs";
import { newestSource } from "../../../src/local/dev/sources.js";
import { SourceWatcher } from "../../../src/local/dev/watch.js";
import { tempDirs } from "../../support/temp-dir.js";

const dirs = tempDirs();

describe("sources", () => {
  it("are as new as the newest of them, without what is made or installed", async () => {
    for (const [file, seconds] of [
      ["main.ts", 100],
      ["src/worker.ts", 300],
      ["node_modules/x/index.js", 900],
      ["cdktf.out/manifest.json", 900],
      ["assembly/manifest.json", 900],
      [".git/HEAD", 900],
      ["README.md", 900],
      ["terraform.web.tfstate", 900],
    ] as const) {
      utimesSync(dirs.write(file, ""), seconds, seconds);
    }
    expect(await newestSource(dirs.path(), { except: [dirs.path("assembly")] })).toBe(300_000);
  });

  describe("that are watched", () => {
    let watcher: SourceWatcher | undefined;
    let heard: ((files: readonly string[]) => void) | undefined;
    const early: string[] = [];
    afterEach(() => watcher?.close());

    async function watch(): Promise<void> {
      early.length = 0;
      watcher = await SourceWatcher.start(dirs.path(), { except: [dirs.path("out")] }, (files) => {
        if (heard === undefined) early.push(...files);
        else heard(files);
      });
    }

    /** The files of the next change. */
    function next(): Promise<readonly string[]> {
      return new Promise((resolve) => (heard = resolve));
    }

    it("tell of several steps of one change at once", async () => {
      dirs.write("src/a.ts", "");
      await watch();
      const changed = next();
      dirs.write("src/a.ts", "1");
      dirs.write("src/a.ts", "2");
      dirs.write("cdktf.json", "{}");
      expect([...(await changed)].sort()).toEqual(["cdktf.json", "src/a.ts"]);
    });

    it("may lie in folders that appear later", async () => {
      await watch();
      const changed = next();
      mkdirSync(dirs.path("new/deep"), { recursive: true });
      dirs.write("new/deep/b.ts", "1");
      expect(await changed).toEqual(["new/deep/b.ts"]);
    });

    it("are not what the app writes, what is installed, and notes", async () => {
      for (const folder of ["out", "node_modules", ".cfkv"]) mkdirSync(dirs.path(folder));
      await watch();
      const changed = next();
      for (const file of [
        "out/x.json",
        "node_modules/y.js",
        ".cfkv/z",
        "notes.md",
        "terraform.web.tfstate",
        ".env.swp",
      ]) {
        dirs.write(file, "1");
      }
      dirs.write(".dev.vars", "A=1");
      expect(await changed).toEqual([".dev.vars"]);
    });

    it("may be deleted", async () => {
      dirs.write("src/a.ts", "");
      dirs.write("src/deep/b.ts", "");
      await watch();
      const changed = next();
      rmSync(dirs.path("src/deep"), { recursive: true });
      expect((await changed).some((file) => file.startsWith("src"))).toBe(true);
    });
  });
});
