import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../src/errors.js";

const page = readFileSync("docs/errors.md", "utf8");
const [, checks = "", runtime = ""] = page.split(/^## (?:Checks|Runtime)$/m);

describe("docs/errors.md", () => {
  it("lists every check", () => {
    expect(codesOf(checks)).toEqual(unionIn("src/constructs/warn.ts", "CheckCode"));
  });

  it("lists every error of the runtime", () => {
    expect(codesOf(runtime)).toEqual(unionIn("src/runtime/errors.ts", "KvErrorCode"));
  });

  it("lists no code that is never used", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && file !== "errors.ts")
      .map((file) => readFileSync(join("src", file), "utf8"))
      .join("\n");
    const own = readFileSync("src/errors.ts", "utf8").split("as const")[1] ?? "";

    expect(Object.keys(ERROR_CODES).filter((code) => !`${sources}${own}`.includes(`"${code}"`))).toEqual([]);
  });
});

function rowsOf(text: string): [code: string, meaning: string][] {
  return [...text.matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\| .+\|$/gm)].map(([, code = "", meaning = ""]) => [
    code,
    meaning,
  ]);
}

function codesOf(text: string): string[] {
  return rowsOf(text)
    .map(([code]) => code)
    .sort();
}

/** The members of a union of texts, read from its source: types leave nothing behind at run time. */
function unionIn(file: string, name: string): string[] {
  const [, body = ""] = new RegExp(`export type ${name} =([^;]+);`).exec(readFileSync(file, "utf8")) ?? [];
  return [...body.matchAll(/"([A-Z_]+)"/g)].map(([, code = ""]) => code).sort();
}
