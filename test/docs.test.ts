import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PAGES = ["README.md", ...readdirSync("docs").map((name) => join("docs", name))].filter((name) =>
  name.endsWith(".md"),
);
const TSX = ["--import", resolve("node_modules/tsx/dist/esm/index.mjs")];
const CFKV = [...TSX, resolve("src/cli/bin.ts")];
/** Where the pages say that `cfkv dev` answers. */
const DEV_URL = "http://127.0.0.1:8787";
const ACCOUNT = "00000000000000000000000000000001";

/** Inside of the repository, so that the packages of the pages are found: this one by its own name. */
mkdirSync(".cfkv", { recursive: true });
const folder = mkdtempSync(join(".cfkv", "docs-"));
const assembly = mkdtempSync(join(tmpdir(), "docs-"));
afterAll(() => {
  for (const path of [folder, assembly]) rmSync(path, { recursive: true, force: true });
});

describe.each(PAGES)("%s", (page) => {
  const blocks = blocksOf(readFileSync(page, "utf8"));
  const files = blocks.flatMap(fileOf);
  const consoles = blocks.filter(({ language }) => language === "console");

  it("closes every block it opens", () => {
    expect(readFileSync(page, "utf8").match(/^```/gm)?.length ?? 0).toBe(blocks.length * 2);
  });

  if (files.length > 0) {
    it("shows files that compile, and apps that synthesize", () => {
      const project = join(folder, page.replaceAll(/\W/g, "-"));
      mkdirSync(project);
      for (const { name, text } of files) writeFileSync(join(project, name), text);
      const isWorker = ({ text }: SourceFile) => /\/runtime"|KVNamespace/.test(text) && !text.includes('from "cdktf"');
      compile(
        project,
        "tsconfig.json",
        "tsconfig.json",
        files.filter((file) => !isWorker(file)),
      );
      compile(project, "tsconfig.worker.json", "tsconfig.worker.json", files.filter(isWorker));
      for (const { name } of files.filter(({ text }) => text.includes("app.synth()"))) {
        execute(process.execPath, [...TSX, name], project, { CDKTF_OUTDIR: "cdktf.out" });
      }
    }, 120_000);
  }

  if (consoles.length > 0) {
    it("shows commands that print what it says", async () => {
      const dev = consoles.some(({ text }) => text.includes(DEV_URL)) ? await startDev() : undefined;
      try {
        for (const { command, output } of consoles.flatMap(commandsOf)) {
          const here = command.replaceAll(DEV_URL, dev?.url ?? DEV_URL).replace(/^(npx )?cfkv\b/, "cfkv");
          const script = `cfkv() { ${[process.execPath, ...CFKV].map(quoted).join(" ")} "$@"; }\n${here}`;
          const said = execute("bash", ["-c", script], ".").trimEnd();
          if (output !== "") expect(`$ ${command}\n${said}`).toMatch(pattern(`$ ${command}\n${output}`));
        }
      } finally {
        await dev?.stop();
      }
    }, 120_000);
  }
});

interface Block {
  readonly language: string;
  readonly text: string;
}
interface SourceFile {
  readonly name: string;
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({ language, text }));
}

/** A block that begins with `// file: <name>` is that file. */
function fileOf({ text }: Block): SourceFile[] {
  const name = /^\/\/ file: (\S+)\n/.exec(text)?.[1];
  return name === undefined ? [] : [{ name, text }];
}

/** The lines with `$`, continued while they end with a backslash, and what is shown below each. */
function commandsOf({ text }: Block): { command: string; output: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, command = "", output = ""] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(part) ?? [];
      return { command, output: output.trimEnd() };
    });
}

/** What is shown, with `…` for any text. */
function pattern(shown: string): RegExp {
  const parts = shown.split("…").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

function compile(project: string, base: string, config: string, files: readonly SourceFile[]): void {
  const options = { extends: resolve(base), files: files.map(({ name }) => name), include: [], exclude: [] };
  writeFileSync(join(project, config), JSON.stringify(options));
  if (files.length > 0) execute(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", config], project);
}

/** Runs a program to its end; fails with everything it said. */
function execute(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    const own = { ...process.env, CLOUDFLARE_ACCOUNT_ID: ACCOUNT, NO_COLOR: "1", ...env };
    // A block with a server in it must fail the test, not hang it.
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: "pipe", env: own, timeout: 60_000 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${args.at(-1) ?? command} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** `cfkv dev` of the reference stacks, on a free port. */
async function startDev(): Promise<{ url: string; stop: () => Promise<void> }> {
  execute(process.execPath, [...TSX, "main.ts"], ".", { CDKTF_OUTDIR: assembly });
  const args = ["dev", "--output", assembly, "--ephemeral", "--port", "0", "--json"];
  const child = spawn(process.execPath, [...CFKV, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  try {
    return { url: await urlOf(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address in the JSON that `cfkv dev` prints once it answers. */
function urlOf({ stdout, stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    let notes = "";
    stderr?.on("data", (chunk) => (notes += String(chunk)));
    stdout?.on("data", (chunk) => {
      said += String(chunk);
      if (said.trimEnd().endsWith("\n}")) resolve((JSON.parse(said) as { url: string }).url);
    });
    stdout?.once("end", () => reject(new Error(`cfkv dev ended:\n${said}${notes}`)));
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
