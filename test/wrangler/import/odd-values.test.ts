import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as cdktf from "cdktf";
import fc from "fast-check";
import ts from "typescript";
import { readAssembly } from "../../../src/assembly/index.js";
import * as library from "../../../src/index.js";
import { synthManifests } from "../../../src/synth/index.js";
import { exportConfig } from "../../../src/wrangler/export-config.js";
import { importConfig } from "../../../src/wrangler/import/import-config.js";
import type { PlannedSet } from "../../../src/wrangler/import/plan-set.js";
import { printTypeScript } from "../../../src/wrangler/import/print-typescript.js";
import { printYaml } from "../../../src/wrangler/import/print-yaml.js";
import { readConfig } from "../../../src/wrangler/import/read-config.js";
import { sourceEnvironments } from "../../../src/wrangler/import/source-environments.js";
import { ResourceIds } from "../../../src/wrangler/resource-ids.js";
import { familiesOf } from "../../../src/wrangler/worker-family.js";
import { readWranglerConfigs, type WantedConfig } from "../../support/read-wrangler-configs.js";
import { essence } from "./equivalent.js";

const ACCOUNT = "00000000000000000000000000000001";
const root = mkdtempSync(join(tmpdir(), "cfkv-odd-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What breaks templates, quotes and comments. */
const BITS = [
  ..."'\"`\\/*#$%{}[]()<>:;,&|!?\n\r\t ".split(""),
  ...[
    "${",
    "%{",
    "*/",
    "//",
    "\\u0041",
    "é",
    "日本",
    "🦊",
    "\u2028",
    "\u2029",
    "\u200b",
    "\u202e",
    "true",
    "null",
    "1e3",
    "---",
    "- ",
    ": ",
    "on",
  ],
];
const odd = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...BITS) }, fc.string({ unit: "grapheme", maxLength: 3 })), {
    maxLength: 8,
  })
  // Terraform composes characters and drops a byte order mark: constructs refuse what it would change.
  .map((parts) =>
    parts
      .join("")
      .normalize("NFC")
      .replace(/^\uFEFF+/, "")
      .replaceAll("TfToken[", ""),
  )
  .filter((text) => !/\p{Surrogate}/u.test(text));
const json = fc.letrec<{ value: fc.JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    odd,
    fc.integer(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      odd.filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;
const identifier = fc.stringMatching(/^[A-Z_$][A-Z0-9_$]{0,8}$/).filter((name) => !/NAMESPACE_ID/i.test(name));
const id = fc.stringMatching(/^[0-9a-f]{32}$/);

const environment = fc.record({
  vars: fc.dictionary(
    identifier.map((name) => `V_${name}`),
    json,
    { maxKeys: 4 },
  ),
  kv_namespaces: fc.uniqueArray(fc.record({ binding: identifier.map((name) => `K_${name}`), id }), {
    maxLength: 3,
    selector: ({ binding }) => binding.toLowerCase(),
  }),
  queues: fc.record({
    producers: fc.uniqueArray(
      fc.record({ binding: identifier.map((name) => `Q_${name}`), queue: odd.filter((name) => name !== "") }),
      {
        maxLength: 2,
        selector: ({ binding }) => binding,
      },
    ),
  }),
  r2_buckets: fc.uniqueArray(
    fc.record({ binding: identifier.map((name) => `R_${name}`), bucket_name: fc.stringMatching(/^[a-z]{3,9}$/) }),
    {
      maxLength: 2,
      selector: ({ binding }) => binding,
    },
  ),
});
const config = fc.record({
  top: environment,
  environments: fc.dictionary(
    fc
      .oneof(odd, fc.constantFrom("production", "constructor", "dev"))
      .filter((name) => name !== "" && name !== "__proto__"),
    environment,
    { maxKeys: 2 },
  ),
});

/** Runs a module that is an app, as Node.js would after TypeScript. */
function runApp(text: string, outdir: string): void {
  const { outputText, diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
  class App extends cdktf.App {
    constructor() {
      super({ outdir, context: { lock: false } });
    }
  }
  const modules: Record<string, unknown> = { cdktf: { ...cdktf, App }, "cdktf-cloudflare-kv": library };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the module under test
  new Function("require", "exports", outputText)((name: string) => modules[name], {});
}

describe("names and values of any kind", () => {
  it("survive an import, a compilation, a synthesis and an export, in TypeScript and YAML", async () => {
    writeFileSync(join(root, "index.js"), "export default {};");
    const wanted: WantedConfig[] = [];
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(config, async ({ top, environments }) => {
        const folder = mkdtempSync(join(root, "run-"));
        // A Worker's name follows from the environment's, unless it has one that Cloudflare takes.
        const env = Object.fromEntries(
          Object.entries(environments).map(([name, own], at) => [name, { name: `w${at}`, ...own }]),
        );
        const raw = {
          name: "shop",
          main: "../index.js",
          account_id: ACCOUNT,
          compatibility_date: "2026-01-01",
          ...top,
          env,
        };
        writeFileSync(join(folder, "wrangler.json"), JSON.stringify(raw));
        const { config: read, findings } = readConfig(folder, "wrangler.json");
        expect(findings.all).toEqual([]);
        const imported = (base: string): Promise<PlannedSet> =>
          importConfig(read, { folder, file: "wrangler.json", base, environments: [], live: undefined, unknown: [] });

        writeFileSync(join(folder, "stack.yaml"), printYaml([await imported(folder)], []));
        const set = synthManifests(join(folder, "yaml"), ["stack.yaml"], { cwd: folder });
        expect(set.problems.filter(({ severity }) => severity === "error")).toEqual([]);
        runApp(printTypeScript([await imported(resolve("."))], { heading: ["odd"] }), join(folder, "ts"));
        for (const kind of ["yaml", "ts"]) {
          const assembly = readAssembly(join(folder, kind));
          const [family] = familiesOf(assembly.stacks);
          if (family === undefined) throw new Error("a Worker is expected");
          const target = { project: resolve("."), target: folder };
          writeFileSync(
            join(folder, `${kind}.jsonc`),
            (await exportConfig(family, new ResourceIds(assembly), target)).text,
          );
          for (const { name, wranglerName = "" } of sourceEnvironments(read)) {
            wanted.push({ file: join(folder, "wrangler.json"), environment: wranglerName });
            wanted.push({ file: join(folder, `${kind}.jsonc`), environment: name });
          }
        }
        runs += 1;
      }),
      { numRuns: 15, seed: 20261127 },
    );
    expect(runs).toBe(15);
    const found = readWranglerConfigs(wanted);
    for (let at = 0; at < found.length; at += 2) {
      const [before = {}, after = {}] = found.slice(at, at + 2);
      expect(essence(after)).toEqual(essence(before));
    }
  }, 120_000);
});
