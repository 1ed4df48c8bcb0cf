import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Emulator } from "../../src/local/emulator/emulator.js";
import { ACCOUNT } from "../local/emulator/emulator-client.js";
import type { Outcome } from "./outcome.js";
import { wranglerRound } from "./wrangler.js";

/** A client that is installed. */
export interface ClientPlace {
  readonly version: string;
  /** The program to start, and what it is started with. */
  readonly command: readonly [string, ...string[]];
}

export interface Client {
  readonly name: string;
  readonly folder: string;
  /** Installs it into a folder of its own, or says why that is not possible here. */
  readonly install: (folder: string) => Promise<ClientPlace | { readonly missing: string }>;
  /** Throws at the first answer that is not right. */
  readonly run: (place: ClientPlace, emulator: Emulator) => Promise<readonly Outcome[]>;
}

/** The programs that are run, oldest first. */
export const CLIENTS: readonly Client[] = [
  wranglerOf("4.86.0"),
  wranglerOf("4.164.0"),
  javascriptSdk("6.5.0"),
  javascriptSdk("7.3.0"),
  {
    name: "cloudflare (PyPI)",
    folder: "python",
    install: (folder) =>
      attempt(async () => {
        await run("python3", ["-m", "venv", folder], process.cwd());
        const python = join(folder, "bin", "python");
        await run(python, ["-m", "pip", "install", "--quiet", "cloudflare==5.9.0"], folder);
        return { version: "5.9.0", command: [python, resolve("test/clients/sdk.py")] };
      }),
    run: runSdk,
  },
  {
    name: "cloudflare-go",
    folder: "go",
    install: (folder) =>
      attempt(async () => {
        mkdirSync(folder, { recursive: true });
        copyFileSync("test/clients/sdk.go", join(folder, "main.go"));
        await run("go", ["mod", "init", "clients"], folder);
        await run("go", ["get", "github.com/cloudflare/cloudflare-go/v6@v6.10.0"], folder);
        await run("go", ["build", "-o", "clients", "."], folder);
        return { version: "6.10.0", command: [join(folder, "clients")] };
      }),
    run: runSdk,
  },
];

/** Wrangler under Node.js 24, which newer ones need. */
function wranglerOf(version: string): Client {
  return {
    name: "wrangler",
    folder: `wrangler-${version}`,
    install: (folder) =>
      attempt(async () => {
        const name = `node-${process.platform}-${process.arch}`;
        await npmInstall(folder, [`wrangler@${version}`, `${name}@24`]);
        const node = join(folder, "node_modules", name, "bin", "node");
        const bin = join(folder, "node_modules", "wrangler", "bin", "wrangler.js");
        await run(node, ["--version"], folder);
        return { version, command: [node, bin] };
      }),
    run: async ({ command: [node, bin = ""] }, emulator) => wranglerRound({ node, bin }, emulator),
  };
}

function javascriptSdk(version: string): Client {
  return {
    name: "cloudflare (npm)",
    folder: `javascript-${version}`,
    install: (folder) =>
      attempt(async () => {
        await npmInstall(folder, [`cloudflare@${version}`]);
        return { version, command: [process.execPath, resolve("test/clients/sdk.mjs"), folder] };
      }),
    run: runSdk,
  };
}

/** Runs one of the programs beside this file: a line for each call, an error at the first that is wrong. */
async function runSdk({ command: [program, ...args] }: ClientPlace, emulator: Emulator): Promise<readonly Outcome[]> {
  const output = await run(program, args, process.cwd(), {
    PATH: process.env.PATH,
    CLOUDFLARE_BASE_URL: emulator.baseUrl,
    CLOUDFLARE_API_TOKEN: "x".repeat(40),
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    WORKER_URL: emulator.url,
  });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Outcome);
}

async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  await run("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", ...packages], folder);
}

async function attempt(install: () => Promise<ClientPlace>): Promise<ClientPlace | { readonly missing: string }> {
  try {
    return await install();
  } catch (error) {
    return {
      missing: String(error instanceof Error ? error.message : error)
        .split("\n")
        .slice(0, 3)
        .join(" "),
    };
  }
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((done, fail) => {
    execFile(program, args, { cwd, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new Error(`${program} ${args.join(" ")}: ${error.message}\n${stdout}${stderr}`));
    });
  });
}
