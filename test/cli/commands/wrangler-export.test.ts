import { Queue } from "@cdktf/provider-cloudflare/lib/queue/index.js";
import { QueueConsumer } from "@cdktf/provider-cloudflare/lib/queue-consumer/index.js";
import { readFileSync } from "node:fs";
import { CloudflareClient } from "../../../src/cloudflare/client.js";
import { WorkerCode } from "../../../src/index.js";
import { startEmulator } from "../../../src/local/index.js";
import { wranglerProject } from "../../support/wrangler-project.js";
import { cli, type CliOptions } from "../run-cli.js";

const project = wranglerProject();
const { path, write, synth, wrangler, readConfig } = project;
const ACCOUNT = `${"0".repeat(31)}1`;
const ZONE = "0123456789abcdef0123456789abcdef";

/** Runs where the app ran, so that the paths of the assembly are right, and writes into the test's folder. */
const exported = (args: readonly string[] = [], options: CliOptions = {}) =>
  cli(["wrangler", "export", "--output", path("cdktf.out"), "--out", path("wrangler.jsonc"), ...args], options);

function everything(): void {
  write("public/index.html", "<h1>shop</h1>");
  synth({
    namespaces: { SESSIONS: { ttlSeconds: 3600 }, CACHE: {} },
    worker: {
      code: WorkerCode.fromEntry(path("src/index.ts"), { minify: true, define: { VERSION: '"1"' } }),
      vars: { GREETING: "hello", LIMITS: { perMinute: 5 } },
      secrets: ["API_KEY"],
      d1: { DB: {} },
      services: { AUTH: "auth", ADMIN: { service: "auth", entrypoint: "Admin" } },
      queues: { ORDERS: "orders" },
      rateLimits: { LOGIN: { limit: 5, period: 60 } },
      durableObjects: { ROOM: { className: "Room" }, OTHER: { className: "Hall", scriptName: "halls" } },
      migrations: [
        { tag: "v1", newSqliteClasses: ["Hall"] },
        { tag: "v2", renamedClasses: [{ from: "Hall", to: "Room" }] },
      ],
      bindings: [
        { name: "FILES", type: "r2_bucket", bucketName: "shop-files" },
        { name: "AI", type: "ai" },
      ],
      assets: { directory: path("public"), binding: "ASSETS", notFoundHandling: "404-page" },
      compatibilityFlags: ["nodejs_compat"],
      limits: { cpuMs: 50 },
      logpush: true,
      tailConsumers: ["tail"],
      observability: { headSamplingRate: 0.5 },
    },
    environments: {
      dev: { worker: { workersDev: true } },
      prod: {
        vars: { GREETING: "good day" },
        worker: {
          routes: [{ pattern: "example.com/shop/*", zoneId: ZONE }],
          customDomains: [{ hostname: "shop.example.com", zoneId: ZONE }],
          crons: ["*/5 * * * *"],
        },
      },
    },
  });
}

describe("cfkv wrangler export", () => {
  it("writes every part of a Worker as wrangler's own reader finds it", async () => {
    everything();
    expect(await exported(["prod"])).toMatchObject({ code: 0, stdout: `wrote ${path("wrangler.jsonc")}\n` });

    expect(readConfig("wrangler.jsonc", "prod")).toMatchObject({
      name: "shop-prod",
      account_id: ACCOUNT,
      main: path("src/index.ts"),
      minify: true,
      define: { VERSION: '"1"' },
      compatibility_date: "2026-04-01",
      compatibility_flags: ["nodejs_compat"],
      workers_dev: false,
      routes: [
        { pattern: "example.com/shop/*", zone_id: ZONE },
        { pattern: "shop.example.com", custom_domain: true, zone_id: ZONE },
      ],
      triggers: { crons: ["*/5 * * * *"] },
      limits: { cpu_ms: 50 },
      logpush: true,
      tail_consumers: [{ service: "tail" }],
      observability: {
        enabled: true,
        head_sampling_rate: 0.5,
        logs: { enabled: true, head_sampling_rate: 0.5, invocation_logs: true },
      },
      vars: { GREETING: "good day", LIMITS: { perMinute: 5 }, KV_DEFAULTS: '{"SESSIONS":{"ttlSeconds":3600}}' },
      kv_namespaces: [{ binding: "CACHE" }, { binding: "SESSIONS" }],
      d1_databases: [{ binding: "DB", database_name: "shop-db-prod" }],
      services: [
        { binding: "ADMIN", service: "auth", entrypoint: "Admin" },
        { binding: "AUTH", service: "auth" },
      ],
      queues: { producers: [{ binding: "ORDERS", queue: "orders" }] },
      ratelimits: [{ name: "LOGIN", namespace_id: "1", simple: { limit: 5, period: 60 } }],
      durable_objects: {
        bindings: [
          { name: "OTHER", class_name: "Hall", script_name: "halls" },
          { name: "ROOM", class_name: "Room" },
        ],
      },
      migrations: [
        { tag: "v1", new_sqlite_classes: ["Hall"] },
        { tag: "v2", renamed_classes: [{ from: "Hall", to: "Room" }] },
      ],
      r2_buckets: [{ binding: "FILES", bucket_name: "shop-files" }],
      ai: { binding: "AI" },
      assets: { directory: "public", binding: "ASSETS", not_found_handling: "404-page" },
      secrets: { required: ["API_KEY"] },
    });
    expect(readConfig("wrangler.jsonc", "dev")).toMatchObject({ name: "shop-dev", workers_dev: true, routes: [] });
    expect(readConfig("wrangler.jsonc", "dev")).toMatchObject({ triggers: {}, vars: { GREETING: "hello" } });
    expect(readConfig("wrangler.jsonc")).toMatchObject({ name: "shop-prod", vars: { GREETING: "good day" } });
  });

  it("writes what the commands of wrangler accept", async () => {
    everything();
    await exported();

    const deployed = wrangler(["deploy", "--dry-run", "--env", "prod", "--outdir", "bundled"]);
    expect(deployed).toContain('env.GREETING ("good day")');
    expect(deployed).toContain("env.SESSIONS");
    expect(deployed).toContain("--dry-run: exiting now.");
    expect(wrangler(["types", "--include-runtime=false"])).toContain("SESSIONS: KVNamespace;");
  });

  it("takes ids from the states on this machine", async () => {
    synth({});
    const namespace = Object.keys(resourcesOf("shop-prod", "cloudflare_workers_kv_namespace"))[0] ?? "";
    const resource = { mode: "managed", type: "cloudflare_workers_kv_namespace", name: namespace };
    const state = { version: 4, resources: [{ ...resource, instances: [{ attributes: { id: ZONE } }] }] };
    write("terraform.shop-prod.tfstate", JSON.stringify(state));
    write("terraform.shop-dev.tfstate", '{"encrypted_data":"…"}');

    const { stderr } = await exported();
    expect(readConfig("wrangler.jsonc", "prod")["kv_namespaces"]).toEqual([{ binding: "SESSIONS", id: ZONE }]);
    expect(stderr).toContain("environment 'dev': no id is known for SESSIONS");
    expect(stderr).not.toContain("environment 'prod'");
  });

  it("looks ids up by name when asked to", async () => {
    synth({ worker: { code: WorkerCode.fromEntry(path("src/index.ts")), d1: { DB: {} } } });
    const emulator = await startEmulator();
    try {
      const credentials = { token: "t".repeat(40), accountId: ACCOUNT, baseUrl: emulator.baseUrl };
      const { id } = await new CloudflareClient(credentials).createNamespace("shop-prod");
      const created = await fetch(`${emulator.baseUrl}/accounts/${ACCOUNT}/d1/database`, {
        method: "POST",
        headers: { Authorization: `Bearer ${credentials.token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ name: "shop-db-prod" }),
      });
      const { result } = (await created.json()) as { result: { uuid: string } };
      const env = { CLOUDFLARE_BASE_URL: emulator.baseUrl, CLOUDFLARE_API_TOKEN: credentials.token };

      expect(await exported(["--live"], { env })).toMatchObject({ code: 0 });
      expect(readConfig("wrangler.jsonc", "prod")).toMatchObject({
        kv_namespaces: [{ binding: "SESSIONS", id }],
        d1_databases: [{ binding: "DB", database_name: "shop-db-prod", database_id: result.uuid }],
      });
    } finally {
      await emulator.close();
    }
  });

  it("never replaces a file that somebody has written", async () => {
    synth({});
    write("wrangler.jsonc", '{ "name": "mine" }');

    expect((await exported()).stderr).toContain("error FILE_NOT_GENERATED");
    expect(readFileSync(path("wrangler.jsonc"), "utf8")).toBe('{ "name": "mine" }');
  });

  it("writes its own file again, and says whether it is out of date", async () => {
    synth({});
    expect((await exported(["--check"])).code).toBe(1);
    await exported();
    expect((await exported(["--check"])).code).toBe(0);
    synth({ namespaces: { SESSIONS: {}, CACHE: {} } });
    expect(await exported(["--check"])).toMatchObject({ code: 1, stdout: "" });
    expect((await exported()).stdout).toContain("wrote");
    expect((await exported()).stdout).toContain("is up to date");
  });

  it("leaves what an environment does not have out of the top level that it would inherit from", async () => {
    synth({ environments: { dev: {}, prod: { worker: { crons: ["0 0 * * *"], limits: { cpuMs: 10 } } } } });
    const { stderr } = await exported(["prod"]);

    expect(stderr).toContain("the top level leaves out 'triggers', 'limits', which other environments would inherit");
    expect(readConfig("wrangler.jsonc", "dev")["triggers"]).toEqual({});
    expect(readConfig("wrangler.jsonc", "prod")["triggers"]).toEqual({ crons: ["0 0 * * *"] });
  });

  it("needs no bundling of a Worker that was built before", async () => {
    write("dist/worker.js", "export default {};");
    synth({ worker: { code: WorkerCode.fromFile(path("dist/worker.js")) } });
    await exported();

    expect(readConfig("wrangler.jsonc", "dev")).toMatchObject({ main: path("dist/worker.js"), no_bundle: true });
  });

  it("writes both sides of queues, and where a database's migrations are", async () => {
    write("migrations/0001_init.sql", "CREATE TABLE items (id INTEGER);");
    synth(
      {
        worker: {
          code: WorkerCode.fromEntry(path("src/index.ts")),
          queues: { ORDERS: "orders" },
          d1: { DB: { migrations: path("migrations") } },
        },
      },
      (environments) => {
        for (const { stack, name } of environments) {
          const queue = new Queue(stack, "Queue", { accountId: ACCOUNT, queueName: `orders-${name}` });
          new QueueConsumer(stack, "Consumer", {
            accountId: ACCOUNT,
            queueId: queue.queueId,
            scriptName: `shop-${name}`,
            type: "worker",
            deadLetterQueue: "dead",
            settings: { batchSize: 5, maxWaitTimeMs: 2000, maxRetries: 2, retryDelay: 3 },
          });
        }
      },
    );
    await exported();

    const settings = { max_batch_size: 5, max_batch_timeout: 2, max_retries: 2, retry_delay: 3 };
    expect(readConfig("wrangler.jsonc", "prod")).toMatchObject({
      queues: {
        producers: [{ binding: "ORDERS", queue: "orders" }],
        consumers: [{ queue: "orders-prod", ...settings, dead_letter_queue: "dead" }],
      },
      d1_databases: [{ binding: "DB", migrations_dir: "migrations" }],
    });
  });

  it("takes the Worker that --worker names, and refuses one that the stack has not", async () => {
    everything();
    expect(await exported(["--worker", "shop-dev"])).toMatchObject({ code: 0 });
    expect((await exported(["--worker", "other"])).stderr).toContain("error WORKER_NOT_CHOSEN");
  });

  it("asks for a stack with a Worker, and for a file that wrangler reads", async () => {
    synth({ environments: { dev: { worker: false }, prod: { worker: false } } });

    expect(await exported()).toMatchObject({ code: 2, stdout: "" });
    expect((await exported()).stderr).toContain("error WORKER_NOT_CHOSEN: stack 'shop-dev' has no Worker");
    expect(await exported(["--out", "wrangler.toml"])).toMatchObject({ code: 2 });
  });
});

function resourcesOf(stack: string, type: string): Record<string, unknown> {
  const json = JSON.parse(readFileSync(path("cdktf.out", "stacks", stack, "cdk.tf.json"), "utf8")) as {
    resource: Record<string, Record<string, unknown>>;
  };
  return json.resource[type] ?? {};
}
