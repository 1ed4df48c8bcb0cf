import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const CFKV = ["--import", resolve("node_modules/tsx/dist/esm/index.mjs"), resolve("src/cli/bin.ts")];
const env = { ...process.env, CDKTF_OUTDIR: resolve("test/fixtures/assembly/edge-store") };

/** A process each: what the library prints goes to its stdout. */
const cfkv = (...words: string[]): string =>
  execFileSync(process.execPath, [...CFKV, ...words], { encoding: "utf8", env });
const completions = (...words: string[]): string[] =>
  cfkv("complete", "--", ...words)
    .split("\n")
    .map((line) => line.split("\t")[0] ?? "");

describe("completion in a shell", () => {
  it("offers commands, and those of a group", () => {
    expect(completions("de")).toContain("destroy");
    expect(completions("kv", "")).toEqual(expect.arrayContaining(["get", "put"]));
  });

  it("offers options, stacks and bindings", () => {
    expect(completions("apply", "--s")).toEqual(expect.arrayContaining(["--seed", "--smoke"]));
    expect(completions("apply", "edge")).toEqual(expect.arrayContaining(["edge-store-prod", "edge-store-dev-alice"]));
    expect(completions("seed", "--namespace", "SE")).toContain("SESSIONS");
  });

  it("is set up by a script that asks cfkv, in every shell", () => {
    for (const shell of ["bash", "zsh", "fish", "powershell"])
      expect(cfkv("completion", shell)).toMatch(/cfkv complete '?--/);
    execFileSync("bash", ["-n"], { input: cfkv("completion", "bash") });
  });
});
