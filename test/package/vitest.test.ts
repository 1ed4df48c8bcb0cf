import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appFolder, copyApp, install, run } from "./app-folder.js";

const folder = appFolder();
const node = (...args: string[]) => run(folder, process.execPath, args);

it("an assembly gives vitest-pool-workers its bindings", () => {
  copyApp("vitest", folder);
  install(folder, {
    type: "module",
    dependencies: { cdktf: "^0.21.0", "@cdktf/provider-cloudflare": "^13.9.1", constructs: "^10.4.2" },
    devDependencies: { "@cloudflare/vitest-pool-workers": "0.12.21", miniflare: "4.20260426.0", vitest: "~3.2.0" },
  });
  node("stack.mjs");
  node(join(folder, "node_modules/vitest/vitest.mjs"), "run", "--reporter=json", "--outputFile=report.json");
  const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as {
    readonly numPassedTests: number;
    readonly numTotalTests: number;
  };
  expect([report.numPassedTests, report.numTotalTests]).toEqual([2, 2]);
});
