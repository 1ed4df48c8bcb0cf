import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appFolder, install, run } from "./app-folder.js";

const tool = appFolder();
const folder = join(tool, "shop");

describe("a project that the installed package creates", () => {
  it("installs, passes its tests and runs at once", () => {
    install(tool, { dependencies: { cdktf: "^0.21.0", constructs: "^10.4.2" } });
    run(tool, "npx", ["cfkv", "new", "app", "shop", "--with", "sessions,cache"]);
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies["cdktf-cloudflare-kv"]).toMatch(/^file:.*\.tgz$/);

    run(folder, "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"]);
    // The first run writes the snapshot; in CI it would have to be there.
    writeFileSync(join(folder, "test/stacks.snapshot.txt"), "");
    const said = run(folder, "npm", ["test", "--silent"], { UPDATE: "1" });
    expect(said).toMatch(/^(# fail 0|ℹ fail 0)$/m);
    expect(run(folder, "npm", ["test", "--silent"])).toMatch(/^(# fail 0|ℹ fail 0)$/m);
    expect(run(folder, "npx", ["cfkv", "dev", "--once"])).toMatch(/^ok {2}shop-dev {2}200$/m);
  }, 300_000);
});
