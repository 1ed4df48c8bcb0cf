import { readFileSync } from "node:fs";
import { App } from "cdktf";
import { EnvironmentSet, type EnvironmentSetProps } from "../../src/index.js";
import { LOCK_FILE } from "../../src/lock/index.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import { loadManifests } from "../../src/synth/index.js";
import { outsideCi } from "../support/outside-ci.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();
const ACCOUNT = "0123456789abcdef0123456789abcdef";
const ID = "0f2ac74b498b48028cb68387c421e279";

outsideCi();

/** The bytes of the stack, after a lock that knew another one. */
function written(folder: string, define: (app: App) => void): string {
  dirs.write(
    `${folder}/${LOCK_FILE}`,
    JSON.stringify({
      version: 1,
      stacks: {
        "shop-prod": {
          app: "shop",
          namespaces: {
            "shop-old-prod": { id: "OLD", addresses: { Resource: "cloudflare_workers_kv_namespace.OLD_1" } },
            "shop-kept-prod": { id: "KEPT", addresses: { Resource: "cloudflare_workers_kv_namespace.KEPT_1" } },
            "shop-gone-prod": { id: "GONE", addresses: { Resource: "cloudflare_workers_kv_namespace.GONE_1" } },
          },
        },
      },
    }),
  );
  const app = new App({
    outdir: dirs.path(folder, "out"),
    context: { lock: dirs.path(folder, LOCK_FILE), cdktfRelativeModules: [] },
  });
  define(app);
  app.synth();
  return readFileSync(dirs.path(folder, "out/stacks/shop-prod/cdk.tf.json"), "utf8");
}

describe("what happens to names, in YAML and in TypeScript", () => {
  it("gives the same bytes for renamedFrom, retired, deleted, adopt and keepSecrets", () => {
    const entry = dirs.write("src/index.ts", "export default {};\n");
    const file = dirs.write(
      "set.yaml",
      `apiVersion: cdktf-cloudflare-kv/v1
kind: EnvironmentSet
metadata: {name: shop}
spec:
  app: shop
  namespaces: {NEW: {renamedFrom: OLD}, FOUND: {adopt: ${ID}}}
  retired: [KEPT]
  deleted: [GONE]
  worker: {code: {entry: src/index.ts}, adopt: true, keepSecrets: false, renamedFrom: before}
  environments: {prod: }
`,
    );
    const props: EnvironmentSetProps = {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: { NEW: { renamedFrom: "OLD" }, FOUND: { adopt: ID } },
      retired: ["KEPT"],
      deleted: ["GONE"],
      worker: { code: WorkerCode.fromEntry(entry), adopt: true, keepSecrets: false, renamedFrom: "before" },
      environments: { prod: {} },
    };
    const yaml = written("yaml", (app) => void loadManifests(app, [file], { accountId: ACCOUNT }));

    expect(yaml).toBe(written("ts", (app) => new EnvironmentSet(app, "shop", props)));
    expect(JSON.parse(yaml)).toMatchObject({
      moved: expect.arrayContaining([
        { from: "cloudflare_workers_kv_namespace.OLD_1", to: expect.stringContaining(".NEW_") as string },
      ]) as unknown,
      removed: [{ from: "cloudflare_workers_kv_namespace.KEPT_1", lifecycle: { destroy: false } }],
      "//": { cfkv: { deleted: ["GONE"] } },
    });
  });

  it("follows renamedFrom, retired and deleted of a template", () => {
    dirs.write("src/index.ts", "export default {};\n");
    const resource = (name: string) => ({
      id: name,
      addresses: { Resource: `cloudflare_workers_kv_namespace.${name}` },
    });
    const namespaces = { "shop-old": resource("old"), "shop-kept": resource("kept"), "shop-gone": resource("gone") };
    const context = { lock: dirs.write(LOCK_FILE, JSON.stringify({ version: 1, stacks: { shop: { namespaces } } })) };
    const file = dirs.write(
      "template.yaml",
      `project_name: shop
architecture_type: workers_kv
resources:
  - {id: api, type: cloudflare_worker, name: api, config: {main: src/index.ts}}
  - {id: new, type: cloudflare_kv, name: new, config: {binding: NEW, renamedFrom: old}}
retired: [kept]
deleted: [gone]
`,
    );
    const app = new App({ outdir: dirs.path("out"), context: { ...context, cdktfRelativeModules: [] } });
    loadManifests(app, [file], { accountId: ACCOUNT });
    app.synth();

    expect(JSON.parse(readFileSync(dirs.path("out/stacks/shop/cdk.tf.json"), "utf8"))).toMatchObject({
      moved: [{ from: "cloudflare_workers_kv_namespace.old" }],
      removed: [{ from: "cloudflare_workers_kv_namespace.kept" }],
      "//": { cfkv: { deleted: ["gone"] } },
    });
  });
});
