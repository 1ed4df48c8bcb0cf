import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Testing } from "cdktf";
import { readAssembly } from "../../../src/assembly/index.js";
import { synthManifests } from "../../../src/synth/index.js";
import { exportConfig } from "../../../src/wrangler/export-config.js";
import { type ImportInput, importConfig } from "../../../src/wrangler/import/import-config.js";
import { printTypeScript } from "../../../src/wrangler/import/print-typescript.js";
import { printYaml } from "../../../src/wrangler/import/print-yaml.js";
import { readConfig, unknownFields } from "../../../src/wrangler/import/read-config.js";
import { sourceEnvironments } from "../../../src/wrangler/import/source-environments.js";
import { ResourceIds } from "../../../src/wrangler/resource-ids.js";
import { familiesOf } from "../../../src/wrangler/worker-family.js";
import { readWranglerConfigs, type WantedConfig } from "../../support/read-wrangler-configs.js";
import { essence } from "./equivalent.js";

const FIXTURES = "test/fixtures/wrangler";
const NAMES = readdirSync(FIXTURES).filter((name) => /\.(toml|jsonc?)$/.test(name));
/** What an export adds, as docs/coming-from-wrangler.md says: static files alone get code that answers all else. */
const ADDED: Readonly<Record<string, object>> = { "assets-only.jsonc": { main: "code", no_bundle: true } };
const ACCOUNT = "00000000000000000000000000000001";

/** Inside of the repository, so that modules find this package and cdktf. */
mkdirSync(".cfkv", { recursive: true });
const folder = mkdtempSync(join(".cfkv", "import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const former = process.env["CLOUDFLARE_ACCOUNT_ID"];
beforeAll(() => (process.env["CLOUDFLARE_ACCOUNT_ID"] = ACCOUNT));
afterAll(() => {
  if (former === undefined) delete process.env["CLOUDFLARE_ACCOUNT_ID"];
  else process.env["CLOUDFLARE_ACCOUNT_ID"] = former;
});

/** Imports a configuration, with paths from a folder. */
async function planned(name: string, base: string) {
  const read = readConfig(FIXTURES, name);
  expect(read.findings.errors).toBe(0);
  const input: ImportInput = {
    folder: resolve(FIXTURES),
    file: name,
    base: resolve(base),
    environments: [],
    live: undefined,
    unknown: unknownFields(read),
  };
  return { config: read.config, set: await importConfig(read.config, input) };
}

const assemblies = new Map<string, Promise<string>>();

/** Synthesizes a configuration by way of a manifest, once. @returns the folder of the assembly */
function synthesized(name: string): Promise<string> {
  const known = assemblies.get(name) ?? synthesize(name);
  assemblies.set(name, known);
  return known;
}

async function synthesize(name: string): Promise<string> {
  const { set } = await planned(name, folder);
  writeFileSync(join(folder, `${name}.yaml`), printYaml([set], ["imported"]));
  const out = join(folder, `${name}.out`);
  const result = synthManifests(out, [`${name}.yaml`], { cwd: folder, accountId: ACCOUNT });
  expect(result.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return out;
}

/** A module that exports a function, as it is written into an app that exists. */
async function moduleOf(name: string): Promise<string> {
  const { set } = await planned(name, ".");
  return printTypeScript([set], { heading: ["imported"], functionName: "define" });
}

describe.each(NAMES)("%s", (name) => {
  it("makes the same stacks in TypeScript and YAML", async () => {
    const fromYaml = await synthesized(name);
    const file = resolve(folder, `${name}.module.ts`);
    writeFileSync(file, await moduleOf(name));
    const { define } = (await import(file)) as { define: (app: ReturnType<typeof Testing.app>) => unknown };
    const out = resolve(folder, `${name}.ts-out`);
    const app = Testing.app({ outdir: out });
    define(app);
    app.synth();
    const stacks = readdirSync(join(out, "stacks"));
    expect(readdirSync(join(fromYaml, "stacks"))).toEqual(stacks);
    for (const stack of stacks) expect(resourcesOf(fromYaml, stack)).toEqual(resourcesOf(out, stack));
  });

  it("means the same to wrangler after an import, a synthesis and an export", async () => {
    readings ??= readAll();
    const pairs = (await readings).get(name) ?? [];
    expect(pairs.length).toBeGreaterThan(name === "pages.toml" ? -1 : 0);
    for (const { before, after } of pairs) {
      expect({ ...essence(after), ...ADDED[name] }).toEqual({ ...essence(withAccount(before)), ...ADDED[name] });
    }
  }, 120_000);
});

type Config = Record<string, unknown>;
let readings: Promise<ReadonlyMap<string, readonly { before: Config; after: Config }[]>> | undefined;

/** Every environment of every fixture as wrangler reads it, before and after, in one process. */
async function readAll() {
  const wanted: WantedConfig[] = [];
  for (const name of NAMES) wanted.push(...(await exported(name)));
  const read = readWranglerConfigs(wanted);
  const found = new Map<string, { before: Config; after: Config }[]>();
  for (let at = 0; at < wanted.length; at += 2) {
    const name = basename(wanted[at]?.file ?? "");
    const [before = {}, after = {}] = read.slice(at, at + 2);
    found.set(name, [...(found.get(name) ?? []), { before, after }]);
  }
  return found;
}

/** Imports, synthesizes and exports. @returns each environment of the fixture, followed by that of the export */
async function exported(name: string): Promise<WantedConfig[]> {
  const { config } = await planned(name, folder);
  const assembly = readAssembly(await synthesized(name));
  const [family, ...others] = familiesOf(assembly.stacks);
  if (family === undefined) return [];
  expect(others).toEqual([]);
  const folders = { project: resolve("."), target: resolve(folder) };
  const { text } = await exportConfig(family, new ResourceIds(assembly), folders);
  const file = resolve(folder, `${name}.exported.jsonc`);
  writeFileSync(file, text);
  const known = new Set(family.members.map(({ environment }) => environment));
  return sourceEnvironments(config)
    .filter((source) => known.has(source.name))
    .flatMap(({ name: environment, wranglerName = "" }) => [
      { file: resolve(FIXTURES, name), environment: wranglerName },
      { file, environment },
    ]);
}

it("writes modules that compile, in the form that prettier gives them", async () => {
  const files: string[] = [];
  for (const name of NAMES) {
    const { set } = await planned(name, ".");
    for (const [kind, form] of Object.entries({ app: {}, module: { functionName: "define" } })) {
      const file = resolve(folder, `${name.replace(/\W/g, "-")}-${kind}.ts`);
      writeFileSync(file, printTypeScript([set], { heading: ["imported"], ...form }));
      files.push(file);
    }
  }
  const format = ["--check", "--print-width", "120", "--no-config", "--ignore-path", "none", ...files];
  execFileSync(process.execPath, [resolve("node_modules/prettier/bin/prettier.cjs"), ...format], { stdio: "pipe" });
  const config = join(folder, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ extends: resolve("tsconfig.json"), files, include: [], exclude: [] }));
  execFileSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", config], { stdio: "pipe" });
}, 120_000);

/** Terraform always knows the account, which wrangler may ask for. */
function withAccount(config: Record<string, unknown>): Record<string, unknown> {
  return { ...config, account_id: config["account_id"] ?? ACCOUNT };
}

function resourcesOf(out: string, stack: string): unknown {
  const json = JSON.parse(readFileSync(join(out, "stacks", stack, "cdk.tf.json"), "utf8")) as Record<string, unknown>;
  const { resource, import: imports, variable, output } = json;
  return { resource, imports, variable, output };
}
