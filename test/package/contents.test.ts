import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./app-folder.js";

const files = JSON.parse(readFileSync(process.env.PACKED_FILES ?? "", "utf8")) as string[];

describe("the packed tarball", () => {
  it("holds what is built, what is to be read, and nothing else", () => {
    const expected = /^(dist\/(esm|cjs)\/.+\.(js|d\.ts|d\.ts\.map)|schema\/.+\.json|src\/.+|templates\/.+)$/;
    const strangers = files.filter((file) => !expected.test(file));

    expect(strangers).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist/cjs/package.json", "package.json"]);
  });

  it("has a declaration beside every module", () => {
    const modules = files.filter((file) => file.endsWith(".js"));

    expect(modules.filter((file) => !files.includes(file.replace(/\.js$/, ".d.ts")))).toEqual([]);
  });

  it("leads from every declaration to its TypeScript", () => {
    const lost = files
      .filter((file) => file.startsWith("dist/") && file.endsWith(".d.ts"))
      // Of JavaScript, it is written by hand.
      .filter((file) => !file.endsWith("/local/embedded.d.ts"))
      .filter((file) => {
        const { sources } = JSON.parse(readFileSync(`${file}.map`, "utf8")) as { sources: string[] };
        return !sources.every((source) => files.includes(join(dirname(file), source)));
      });

    expect(lost).toEqual([]);
  });

  it("says nothing of the machine it was built on", () => {
    const machine = [process.cwd(), process.env.HOME ?? ""].filter((path) => path.length > 1);
    const telling = files.filter((file) => machine.some((path) => readFileSync(file, "utf8").includes(path)));

    expect(telling).toEqual([]);
  });

  it("is clean to publint", () => {
    const tarball = process.env.PACKED_TARBALL ?? "";
    expect(run(".", "node_modules/.bin/publint", ["run", "--strict", tarball])).toContain("All good!");
  });

  it("has the right types for every kind of resolution", () => {
    const report = run(".", "node_modules/.bin/attw", [process.env.PACKED_TARBALL ?? "", "--no-color", "--no-emoji"]);

    expect(report).toContain("No problems found");
  });
});
