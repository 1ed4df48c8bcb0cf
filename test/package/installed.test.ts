import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { Miniflare } from "miniflare";
import { appFolder, assemblyOf, bytesBelow, copyApp, install, run } from "./app-folder.js";

const STOCK_TEMPLATE = "node_modules/cdktf-cli/bundle/templates/typescript";
const MAX_BYTES = 25 * 1024 * 1024;
const PEERS = { cdktf: "^0.21.0", "@cdktf/provider-cloudflare": "^13.9.1" };
const DEPENDENCIES = { ...PEERS, constructs: "^10.4.2", hono: "^4.0.0", "@openfeature/server-sdk": "^1.7.0" };

const template = appFolder();
const esm = appFolder();
const cdktn = appFolder();
const node = (cwd: string, ...args: string[]) => run(cwd, process.execPath, args);
const bin = (name: string) => join(template, "node_modules", name);

beforeAll(() => {
  // The stock TypeScript template of cdktf-cli as `cdktf init` leaves it, and the app's own files over it.
  for (const file of ["tsconfig.json", "jest.config.js", "setup.js"]) {
    cpSync(join(STOCK_TEMPLATE, file), join(template, file));
  }
  writeFileSync(join(template, "cdktf.json"), '{ "language": "typescript", "app": "npx ts-node main.ts" }\n');
  copyApp("shared", template);
  copyApp("template", template);
  install(template, {
    name: "template",
    version: "1.0.0",
    dependencies: DEPENDENCIES,
    devDependencies: {
      "@types/jest": "^30.0.0",
      "@types/node": "^20.19.43",
      jest: "^30.5.2",
      "ts-jest": "^29.4.15",
      "ts-node": "^10.9.2",
      typescript: "^5.9.3",
    },
  });
  copyApp("shared", esm);
  copyApp("esm", esm);
  install(esm, { type: "module", dependencies: DEPENDENCIES, devDependencies: { "@types/node": "^20.19.43" } });
});

describe("the stock CDKTF template: CommonJS, moduleResolution node", () => {
  it("compiles, every subpath included", () => {
    node(template, bin("typescript/bin/tsc"), "--noEmit", "--moduleResolution", "node");
  });

  it("synthesizes with ts-node", () => {
    expect(node(template, bin("ts-node/dist/bin.js"), "main.ts")).toBe("INVALID_PROPS\n");
    expect(Object.keys(assemblyOf(template)).filter((path) => path.endsWith("cdk.tf.json"))).toEqual([
      "stacks/edge-dev-ada/cdk.tf.json",
      "stacks/edge-prod/cdk.tf.json",
      "stacks/larger/cdk.tf.json",
    ]);
  });

  it("tests with ts-jest", () => {
    node(template, bin("jest/bin/jest.js"), "--ci");
  });

  it("loads only the provider modules that the library needs", () => {
    const script = `
      require("cdktf-cloudflare-kv");
      const files = Object.keys(require.cache).map((file) => file.split("/provider-cloudflare/lib/")[1]);
      console.log(JSON.stringify(files.filter(Boolean).sort()));`;
    expect(JSON.parse(node(template, "-e", script))).toMatchInlineSnapshot(`
     [
       "d1-database/index.js",
       "data-cloudflare-workers-kv-namespaces/index.js",
       "data-cloudflare-workers-scripts/index.js",
       "data-cloudflare-zones/index.js",
       "provider/index.js",
       "worker-version/index.js",
       "worker/index.js",
       "workers-cron-trigger/index.js",
       "workers-custom-domain/index.js",
       "workers-deployment/index.js",
       "workers-kv-namespace/index.js",
       "workers-kv/index.js",
       "workers-route/index.js",
       "workers-script-subdomain/index.js",
       "workers-script/index.js",
     ]
    `);
  });
});

describe("the installed package", () => {
  it("brings at most 25 MB of packages beside its peers", () => {
    const lock = JSON.parse(readFileSync(join(template, "node_modules/.package-lock.json"), "utf8")) as LockFile;
    const brought = dependenciesOf("node_modules/cdktf-cloudflare-kv", lock);

    expect(brought).toContain("node_modules/esbuild");
    expect(bytesBelow([...brought].map((path) => join(template, path)))).toBeLessThan(MAX_BYTES);
  });

  it("has the command cfkv", () => {
    expect(node(template, join("node_modules/.bin/cfkv"), "--help")).toContain("cfkv");
  });
});

interface LockFile {
  packages: Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>;
}

/** The folders of a package and of all it depends on, found as Node finds them. */
function dependenciesOf(path: string, lock: LockFile, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const { dependencies = {}, optionalDependencies = {} } = lock.packages[path] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const nested = [`${path}/node_modules/${name}`, `node_modules/${name}`].find((at) => at in lock.packages);
    if (nested !== undefined) dependenciesOf(nested, lock, found);
  }
  return found;
}

describe("an ES module app under NodeNext", () => {
  it("compiles and synthesizes what the CommonJS app does", () => {
    node(esm, bin("typescript/bin/tsc"));
    node(template, bin("ts-node/dist/bin.js"), "main.ts");

    expect(node(esm, "dist/main.js")).toBe("INVALID_PROPS\n");
    expect(assemblyOf(esm)).toEqual(assemblyOf(template));
  });

  it("finds the same names as CommonJS on every subpath", () => {
    const required = JSON.parse(node(template, bin("ts-node/dist/bin.js"), "subpaths.ts")) as Record<string, string[]>;
    const imported = JSON.parse(node(esm, "dist/subpaths.js")) as Record<string, string[]>;

    expect(imported).toEqual(required);
    expect(Object.entries(imported).filter(([, names]) => names.length === 0)).toEqual([]);
    expect(imported.library).toContain("EnvironmentSet");
  });
});

describe("a Worker bundle", () => {
  it("takes only what it imports from the runtime, and runs", async () => {
    const bundle = buildSync({
      absWorkingDir: esm,
      entryPoints: ["worker.ts"],
      bundle: true,
      format: "esm",
      metafile: true,
      minify: true,
      write: false,
    });
    const kept = Object.values(bundle.metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
    );
    const files = kept.map(([file]) => file.split("/").at(-1));
    expect(files).toContain("kv-store.js");
    expect(files).not.toContain("feature-flags.js");

    const worker = new Miniflare({
      modules: true,
      script: bundle.outputFiles[0]?.text ?? "",
      compatibilityDate: "2026-04-01",
      kvNamespaces: ["SESSIONS"],
    });
    try {
      for (const visits of [1, 2]) {
        const response = await worker.dispatchFetch("http://localhost/page");
        expect(await response.json()).toEqual({ visits, path: "/page" });
      }
    } finally {
      await worker.dispose();
    }
  });
});

describe("an app with cdktn under cdktf's name", () => {
  it("synthesizes what cdktf does", () => {
    install(cdktn, {
      dependencies: { ...PEERS, cdktf: "npm:cdktn@^0.24", constructs: "~10.7.0" },
      overrides: { cdktf: "$cdktf" },
    });
    writeFileSync(join(cdktn, "cdktf.json"), "{}\n");
    cpSync(join(template, "worker.ts"), join(cdktn, "worker.ts"));
    node(template, bin("typescript/bin/tsc"), "--outDir", cdktn);
    node(template, bin("ts-node/dist/bin.js"), "main.ts");
    node(cdktn, "main.js");

    expect(assemblyOf(cdktn)).toEqual(assemblyOf(template));
  });
});
