import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const APPS = "test/package/apps";
const ACCOUNT = "00000000000000000000000000000001";

/** A folder outside of the repository, gone after the test file. */
export function appFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "app-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Copies the files of test/package/apps/<name> into a folder. */
export function copyApp(name: string, folder: string): void {
  cpSync(join(APPS, name), folder, { recursive: true });
}

/** Installs the packed tarball and what the app depends on besides. */
export function install(
  folder: string,
  manifest: { dependencies: Record<string, string> } & Record<string, unknown>,
): void {
  const dependencies = { ...manifest.dependencies, "cdktf-cloudflare-kv": `file:${process.env.PACKED_TARBALL ?? ""}` };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, ...manifest, dependencies }, undefined, 2),
  );
  run(folder, "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"]);
}

/** Runs a program to its end and returns what it printed; fails with everything it said. */
export function run(cwd: string, command: string, args: string[], env: NodeJS.ProcessEnv = {}): string {
  // Jest's own variables would reach the apps' jest and ts-node.
  const { NODE_ENV: _env, JEST_WORKER_ID: _worker, NODE_OPTIONS: _options, ...own } = process.env;
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: "utf8",
      stdio: "pipe",
      env: { ...own, CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CHECKPOINT_DISABLE: "1", CI: "true", ...env },
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Every file below a folder with its text, by path. */
export function filesBelow(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => join(folder, path))
      .filter((path) => statSync(path).isFile())
      .sort()
      .map((path) => [relative(folder, path), readFileSync(path, "utf8")]),
  );
}

/** The size of all files below some folders; a file with two names counts once. */
export function bytesBelow(folders: Iterable<string>): number {
  const sizes = new Map<number, number>();
  for (const folder of folders) {
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const entry = statSync(join(folder, path));
      if (entry.isFile()) sizes.set(entry.ino, entry.size);
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/**
 * What `cdktf.out` holds, JSON read, but for the version of cdktf, and the app's folder: cdktf's own default of a
 * state file is an absolute path.
 */
export function assemblyOf(folder: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(filesBelow(join(folder, "cdktf.out"))).map(([path, text]) => {
      if (!path.endsWith(".json")) return [path, text];
      const portable = text.replaceAll(folder, "").replace(/"version": "0\.2\d\.\d+"/g, '"version": "<cdktf>"');
      return [path, JSON.parse(portable) as unknown];
    }),
  );
}
