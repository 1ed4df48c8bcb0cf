import { readdirSync, readFileSync } from "node:fs";
import type { Command as TypedCommand } from "@commander-js/extra-typings";
import { Command } from "commander";
import { build } from "esbuild";
import { command, type CommandContext } from "../../src/cli/command.js";
import { COMMANDS } from "../../src/cli/commands.js";
import { cli } from "./run-cli.js";

describe("the command line", () => {
  it("lists every command with its summary in --help, on stdout", async () => {
    const { code, stdout, stderr } = await cli(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`\\n  ${name}.*  ${summary.slice(0, 20)}`));
  });

  it("groups commands by what one wants, and places each of them", async () => {
    const { stdout } = await cli(["--help"]);
    const headings = [...stdout.matchAll(/^([A-Z][a-z ]+:)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(["Options:", "Build:", "Run here:", "Deploy:", "Data:", "Understand:", "Commands:"]);
    expect(stdout.indexOf("  apply ")).toBeGreaterThan(stdout.indexOf("Deploy:"));
    expect(stdout.indexOf("  apply ")).toBeLessThan(stdout.indexOf("Data:"));
  });

  it("shows a command's help by 'help <command>' as by --help", async () => {
    const one = await cli(["help", "list"]);
    const other = await cli(["list", "--help"]);
    expect(one).toEqual(other);
    expect(one.stdout).toContain("--json");
  });

  it("prints this package's version", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await cli(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("says which command was meant", async () => {
    expect(await cli(["lst"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "error USAGE: unknown command 'lst' (did you mean 'list'?)\n  help: see: cfkv --help\n",
    });
  });

  it("says which option was meant", async () => {
    expect(await cli(["list", "--jsno"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "error USAGE: unknown option '--jsno' (did you mean '--json'?)\n  help: see: cfkv list --help\n",
    });
  });

  it("asks for a command when none is named", async () => {
    const { code, stdout, stderr } = await cli([]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: cfkv [options] [command]");
    expect(stderr).toContain("error USAGE: no command given");
  });

  it("colours errors on a terminal, unless NO_COLOR says no", async () => {
    const red = "\u001b[31merror USAGE\u001b[39m";
    expect((await cli(["lst"], { terminal: true })).stderr).toContain(red);
    expect((await cli(["lst"], { terminal: true, env: { NO_COLOR: "1" } })).stderr).toMatch(/^error USAGE/);
  });

  it("loads none of the heavy packages before a command is chosen", async () => {
    expect(await eagerPackages("src/cli/bin.ts")).toEqual(["commander", "fastest-levenshtein"]);
  });

  it.each(readdirSync("src/cli/commands"))(
    "shows the help that %s declares without loading a package",
    async (file) => {
      expect(await eagerPackages(`src/cli/commands/${file}`)).toEqual([]);
    },
  );

  it("passes an action its arguments, its options and what it works with", async () => {
    const shout = command(
      "shout",
      "print loudly",
      () => Promise.resolve((command) => command.argument("<word>").option("--twice", "again")),
      () =>
        Promise.resolve((word, { twice, ...others }, { results }) => {
          // @ts-expect-error: no such option is declared
          expect(others.twcie).toBeUndefined();
          results.line(word.toUpperCase().repeat(twice === true ? 2 : 1));
        }),
    );
    const printed: string[] = [];
    const program = new Command("shout");
    const results = { line: (line: string) => printed.push(line) };
    await shout.define(program as unknown as TypedCommand, { results } as unknown as CommandContext);
    await program.parseAsync(["hey", "--twice"], { from: "user" });
    expect(printed).toEqual(["HEYHEY"]);
  });
});

/** The packages that a file imports before it runs, through all that it imports; what is loaded later is left out. */
async function eagerPackages(file: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
    write: false,
    outdir: "dist",
  });
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: imported, kind, external } of metafile.outputs[path]?.imports ?? []) {
      if (kind !== "import-statement") continue;
      if (external !== true) visit(imported);
      else if (!imported.startsWith("node:")) packages.add(imported);
    }
  };
  const entry = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === file)?.[0];
  expect(entry).toBeDefined();
  visit(entry ?? "");
  return [...packages].sort();
}
