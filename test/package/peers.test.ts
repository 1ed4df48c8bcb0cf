import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appFolder, copyApp, install, run } from "./app-folder.js";

const folder = appFolder();

interface Report {
  numPassedTests: number;
  testResults: { name: string; assertionResults: { status: string; title: string }[] }[];
}

/** The adapters of the installed package, under their peers' own suites or with the peers themselves. */
describe("the adapters with their peers", () => {
  it("pass Keyv's test suite, and serve Better Auth", () => {
    copyApp("peers", folder);
    install(folder, {
      type: "module",
      dependencies: {
        "@keyv/test-suite": "^2.1.2",
        "better-auth": "^1.7.0",
        keyv: "^5.6.0",
        vitest: "^4.0.8",
      },
    });
    run(folder, process.execPath, [
      join(folder, "node_modules/vitest/vitest.mjs"),
      "run",
      "--reporter=json",
      "--outputFile=report.json",
    ]);
    const { testResults } = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
    const passed = (file: string) =>
      testResults
        .filter(({ name }) => name.endsWith(file))
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status === "passed").length;

    expect(passed("better-auth.test.ts")).toBe(3);
    expect(passed("keyv.test.ts")).toBe(42);
  });
});
