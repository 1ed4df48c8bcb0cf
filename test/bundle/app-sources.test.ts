import { realpathSync } from "node:fs";
import { appSources } from "../../src/bundle/app-sources.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();

const relativeTo = (root: string, files: readonly string[] | undefined) =>
  files?.map((file) => realpathSync(file).slice(root.length + 1)).sort();

describe("the sources of an app", () => {
  it("are what it imports, beside its folder too, without packages", async () => {
    dirs.write("shared/names.ts", "export const name = 'x';");
    dirs.write("node_modules/dep/package.json", JSON.stringify({ name: "dep", main: "index.js" }));
    dirs.write("node_modules/dep/index.js", "module.exports = 1;");
    dirs.write("app/data.json", "{}");
    dirs.write("app/stack.cts", "exports.stack = require('./late.cjs');");
    dirs.write("app/late.cjs", "");
    dirs.write("app/unused.ts", "");
    const entry = dirs.write(
      "app/main.ts",
      `import { name } from "../shared/names"; import dep from "dep"; import data from "./data.json";
       import { readFileSync } from "node:fs"; console.log(name, dep, data, readFileSync, import("./stack.cts"));`,
    );
    expect(relativeTo(realpathSync(dirs.path()), await appSources(entry))).toEqual([
      "app/data.json",
      "app/late.cjs",
      "app/main.ts",
      "app/stack.cts",
      "shared/names.ts",
    ]);
  });

  it("are known where an import is missing, which the app's own loader may find", async () => {
    const entry = dirs.write("main.ts", 'import "@app/nowhere"; import "./there";');
    dirs.write("there.ts", "");
    expect(relativeTo(realpathSync(dirs.path()), await appSources(entry))).toEqual(["main.ts", "there.ts"]);
  });

  it("are unknown while a file does not parse", async () => {
    expect(await appSources(dirs.write("main.ts", "const = ;"))).toBeUndefined();
  });
});
