import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A folder inside of the repository, so that the packages of projects in it are found; gone after the test file. */
export function projectsFolder(): string {
  mkdirSync(".cfkv", { recursive: true });
  const folder = resolve(mkdtempSync(join(".cfkv", "new-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `npm test` of a project that was created, with this package's sources. Fails with everything that was printed. */
export function testProject(folder: string): string {
  const paths = {
    "cdktf-cloudflare-kv": "index",
    "cdktf-cloudflare-kv/runtime": "runtime/index",
    "cdktf-cloudflare-kv/runtime/testing": "runtime/testing",
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: resolve("templates/app/common/tsconfig.json"),
      compilerOptions: {
        typeRoots: [resolve("node_modules/@types")],
        paths: Object.fromEntries(Object.entries(paths).map(([name, file]) => [name, [resolve(`src/${file}.ts`)]])),
      },
      include: ["*.ts", "worker", "test"],
    }),
  );
  const {
    NODE_ENV: _env,
    JEST_WORKER_ID: _worker,
    NODE_OPTIONS: _options,
    CI: _ci,
    CDKTF_CONTEXT_JSON: _json,
    ...env
  } = process.env;
  try {
    return execFileSync("npm", ["test", "--silent"], { cwd: folder, encoding: "utf8", stdio: "pipe", env });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm test in ${folder} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
