import { readFileSync } from "node:fs";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { type App, TerraformOutput, TerraformStack } from "cdktf";
import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { localState, r2Backend } from "../../src/constructs/state.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import { WorkerWithKvBindings } from "../../src/constructs/worker-with-kv-bindings.js";
import { loadManifests, type LoadOptions } from "../../src/synth/index.js";
import { namespaceYaml } from "../manifest/read-text.js";
import { expectFitsProvider, synthToJson, testApp } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();
const ACCOUNT = "0123456789abcdef0123456789abcdef";
const ZONE = "fedcba9876543210fedcba9876543210";
const WORKER = 'export default { fetch: () => new Response("hello") };\n';

/** Every stack of an app as the bytes that were written. */
function written(app: App): Record<string, string> {
  app.synth();
  return Object.fromEntries(
    Object.values(app.manifest.stacks).map(({ name, synthesizedStackPath }) => [
      name,
      readFileSync(`${app.outdir}/${synthesizedStackPath}`, "utf8"),
    ]),
  );
}

function fromYaml(paths: string[], options: LoadOptions = {}): Record<string, string> {
  const app = testApp();
  for (const stack of loadManifests(app, paths, { accountId: ACCOUNT, ...options })) expectFitsProvider(stack);
  return written(app);
}

function fromTypeScript(define: (app: App) => void): Record<string, string> {
  const app = testApp();
  define(app);
  return written(app);
}

function newStack(app: App, name: string): TerraformStack {
  const stack = new TerraformStack(app, name);
  new CloudflareProvider(stack, "cloudflare");
  localState(stack);
  return stack;
}

describe("the same stack in YAML and in TypeScript", () => {
  it("is the same JSON for a CloudflareKvNamespace", () => {
    const file = dirs.write(
      "kv-cache.yaml",
      namespaceYaml('namespace_name: shop-cache\nttl_seconds: "300"\ndescription: "uses ${env} and %{if}"', {
        metadata: "metadata: {name: Cache}",
      }),
    );
    const typescript = fromTypeScript((app) => {
      const stack = newStack(app, "kv-cache");
      const { namespaceId } = new KvNamespace(stack, "Cache", {
        namespaceName: "shop-cache",
        accountId: ACCOUNT,
        ttlSeconds: 300,
        description: "uses ${env} and %{if}",
      });
      new TerraformOutput(stack, "namespace_id", { value: namespaceId });
      new TerraformOutput(stack, "namespace_ids", { value: { Cache: namespaceId } });
    });
    expect(fromYaml([file])).toEqual(typescript);
    expect(typescript["kv-cache"]).toContain("uses $${env} and %%{if}");
  });

  it("is the same JSON for a namespace with this package's annotations", () => {
    const seed = dirs.write("seeds/config.json", "[]");
    const adopt = "0f2ac74b498b48028cb68387c421e279";
    const file = dirs.write(
      "config.yaml",
      namespaceYaml("namespaceName: shop-config", {
        metadata: `metadata:
  name: Config
  annotations:
    cdktf-cloudflare-kv/account-id: ${ZONE}
    cdktf-cloudflare-kv/prevent-destroy: "false"
    cdktf-cloudflare-kv/adopt: ${adopt}
    cdktf-cloudflare-kv/seed: seeds/config.json`,
      }),
    );
    const typescript = fromTypeScript((app) => {
      const stack = newStack(app, "config");
      const { namespaceId } = new KvNamespace(stack, "Config", {
        namespaceName: "shop-config",
        accountId: ZONE,
        preventDestroy: false,
        adopt,
        seed: [seed],
      });
      new TerraformOutput(stack, "namespace_id", { value: namespaceId });
      new TerraformOutput(stack, "namespace_ids", { value: { Config: namespaceId } });
    });
    expect(fromYaml([file])).toEqual(typescript);
  });

  it("is the same JSON for a kustomization", () => {
    dirs.write("shop/cache.yaml", namespaceYaml("namespace_name: cache", { metadata: "metadata: {name: cache}" }));
    dirs.write("shop/config.yaml", namespaceYaml("namespace_name: config", { metadata: "metadata: {name: config}" }));
    const file = dirs.write(
      "shop/kustomization.yaml",
      "kind: Kustomization\nresources: [config.yaml, cache.yaml]\nnamePrefix: eu-\nlabels: [{pairs: {team: shop}}]\n",
    );
    const typescript = fromTypeScript((app) => {
      const stack = newStack(app, "shop");
      const ids = ["config", "cache"].map((name) => {
        const namespace = new KvNamespace(stack, `eu-${name}`, { namespaceName: name, accountId: ACCOUNT });
        namespace.resource.addOverride("//", { manifest: { labels: { team: "shop" } } });
        return [`eu-${name}`, namespace.namespaceId];
      });
      new TerraformOutput(stack, "namespace_ids", { value: Object.fromEntries(ids) as object });
    });
    expect(fromYaml([file])).toEqual(typescript);
  });

  it("is the same JSON for a template", () => {
    const worker = dirs.write("src/index.ts", WORKER);
    const file = dirs.write(
      "template.yaml",
      `project_name: my-kv-api
provider: cloudflare
architecture_type: workers_kv
resources:
  - id: api-worker
    type: cloudflare_worker
    name: my-kv-api
    provider: cloudflare
    config: {main: src/index.ts, compatibility_date: "2024-11-01", vars: {MODE: live}, crons: ["*/5 * * * *"]}
  - {id: sessions, type: cloudflare_kv, name: sessions, config: {binding: SESSIONS, ttl_seconds: 1800}}
  - {id: cache, type: cloudflare_kv, name: cache, config: {binding: CACHE}}
  - {id: db, type: cloudflare_d1, name: orders, config: {binding: DB}}
  - {id: domain, type: cloudflare_custom_domain, name: api.example.com, config: {zone_id: ${ZONE}}}
`,
    );
    const typescript = fromTypeScript((app) => {
      const stack = newStack(app, "my-kv-api");
      const sessions = new KvNamespace(stack, "sessions", {
        namespaceName: "my-kv-api-sessions",
        ttlSeconds: 1800,
        accountId: ACCOUNT,
      });
      const cache = new KvNamespace(stack, "cache", { namespaceName: "my-kv-api-cache", accountId: ACCOUNT });
      const { outputs } = new WorkerWithKvBindings(stack, "api-worker", {
        workerName: "my-kv-api",
        code: WorkerCode.fromEntry(worker),
        accountId: ACCOUNT,
        kv: { SESSIONS: sessions, CACHE: cache },
        d1: { DB: { databaseName: "my-kv-api-orders" } },
        vars: { MODE: "live" },
        crons: ["*/5 * * * *"],
        compatibilityDate: "2024-11-01",
        customDomains: [{ hostname: "api.example.com", zoneId: ZONE }],
      });
      outputs.workerName.overrideLogicalId("worker_name");
      outputs.workerUrls.overrideLogicalId("worker_urls");
      new TerraformOutput(stack, "namespace_ids", {
        value: { sessions: sessions.namespaceId, cache: cache.namespaceId },
      });
    });
    expect(fromYaml([file])).toEqual(typescript);
  });

  it("is the same JSON for an EnvironmentSet", () => {
    const worker = dirs.write("src/index.ts", WORKER);
    const next = dirs.write("src/next.ts", WORKER.replace("hello", "hello again"));
    const seed = dirs.write("seeds/flags.json", "[]");
    const file = dirs.write(
      "set.yaml",
      `apiVersion: cdktf-cloudflare-kv/v1
kind: EnvironmentSet
metadata: {name: edge}
spec:
  app: edge-store
  namespaces:
    SESSIONS: {purpose: session, ttlSeconds: 86400, description: Who is logged in}
    CACHE:
    FLAGS: {seed: [seeds/flags.json]}
  worker:
    code: {entry: src/index.ts, minify: true}
    observability: {headSamplingRate: 0.5}
    secrets: [API_KEY]
    services: {AUTH: auth}
  environments:
    dev: {developers: [alice, bob], worker: {workersDev: true}, vars: {LEVEL: debug, DEEP: {on: yes, list: [1, a]}}}
    staging: {accountId: ${ZONE}, namespaces: {FLAGS: false, CACHE: {ttlSeconds: 60}}, worker: false}
    prod:
      protect: true
      routes: [{pattern: shop.example.com/*, zoneId: ${ZONE}}]
      worker:
        secrets: []
        services: {}
        rollout: {releases: [{label: a, percentage: 90}, {label: b, percentage: 10, code: src/next.ts}]}
  backend: {r2: {bucket: terraform-state}}
`,
    );
    const typescript = fromTypeScript((app) => {
      new EnvironmentSet(app, "edge", {
        app: "edge-store",
        accountId: ACCOUNT,
        namespaces: {
          SESSIONS: { purpose: "session", ttlSeconds: 86_400, description: "Who is logged in" },
          CACHE: {},
          FLAGS: { seed: [seed] },
        },
        worker: {
          code: WorkerCode.fromEntry(worker, { minify: true }),
          observability: { headSamplingRate: 0.5 },
          secrets: ["API_KEY"],
          services: { AUTH: "auth" },
        },
        environments: {
          dev: {
            developers: ["alice", "bob"],
            worker: { workersDev: true },
            vars: { LEVEL: "debug", DEEP: { on: true, list: [1, "a"] } },
          },
          staging: { accountId: ZONE, namespaces: { FLAGS: false, CACHE: { ttlSeconds: 60 } }, worker: false },
          prod: {
            protect: true,
            routes: [{ pattern: "shop.example.com/*", zoneId: ZONE }],
            worker: {
              secrets: [],
              services: {},
              rollout: Rollout.gradual([
                { label: "a", percentage: 90 },
                { label: "b", percentage: 10, code: WorkerCode.fromEntry(next) },
              ]),
            },
          },
        },
        backend: r2Backend({ bucket: "terraform-state", accountId: ACCOUNT }),
      });
    });
    const yaml = fromYaml([file]);
    expect(Object.keys(yaml)).toEqual([
      "edge-store-dev-alice",
      "edge-store-dev-bob",
      "edge-store-staging",
      "edge-store-prod",
    ]);
    expect(yaml).toEqual(typescript);
  });

  it("is the same with a credential beside it, of which nothing is written", () => {
    const plain = dirs.write("a/shop.yaml", namespaceYaml("namespaceName: shop"));
    const secret = "Zx9-this-is-the-secret-0123456789";
    const credential = `---\napiVersion: code2cloud.planton.cloud/v1\nkind: CloudflareCredential\nmetadata: {name: deploy-credential}\nspec: {api_token: ${secret}}\n`;
    const both = dirs.write("b/shop.yaml", namespaceYaml("namespaceName: shop") + credential);
    const yaml = fromYaml([both]);
    expect(yaml).toEqual(fromYaml([plain]));
    expect(JSON.stringify(yaml)).not.toMatch(/secret|deploy-credential/);
  });
});

describe("what people note about a namespace", () => {
  it("stays beside it, where Terraform does not look", () => {
    const metadata =
      "metadata: {name: shop, org: acme, env: prod, labels: {team: a}, annotations: {x/y: z}, tags: [t]}";
    const file = dirs.write("shop.yaml", namespaceYaml("namespaceName: shop", { metadata }));
    const [stack] = loadManifests(testApp(), file, { accountId: ACCOUNT });
    if (stack === undefined) throw new Error("there must be a stack");
    expect(JSON.stringify(synthToJson(stack))).toContain(
      '"manifest":{"annotations":{"x/y":"z"},"env":"prod","labels":{"team":"a"},"org":"acme","tags":["t"]}',
    );
    expectFitsProvider(stack);
  });
});
