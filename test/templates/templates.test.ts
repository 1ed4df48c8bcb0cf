import { join, resolve } from "node:path";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import {
  KvNamespace,
  Rollout,
  WorkerCode,
  WorkerWithKvBindings,
  type WorkerWithKvBindingsProps,
} from "../../src/index.js";
import { ACCOUNT } from "../constructs/samples.js";
import { type RunningCli, startCli } from "../cli/run-cli.js";
import { tempDirs } from "../support/temp-dir.js";

jest.setTimeout(60_000);

const dirs = tempDirs();
const NODE = { compatibilityFlags: ["nodejs_compat"] };

/** Shapes of Workers that public templates have: what each answers at `/`, and what it is declared with. */
const TEMPLATES: [name: string, answer: string | RegExp, props?: Shape][] = [
  ["hono-api", '{"visits":"1"}', { kv: ["KV"] }],
  ["react-ssr", "<!doctype html><title>shop</title><main>hello <!-- -->world</main>\n", { entry: "worker.tsx" }],
  ["react-router", /tea/, { entry: "worker.tsx" }],
  ["astro", "<h1>static function</h1>", { entry: "worker.mjs", kv: ["SESSION"], ...NODE }],
  [
    "openauth",
    "user 1",
    { kv: ["AUTH"], d1: { DB: { databaseName: "users", migrations: migrationsOf("openauth") } }, ...NODE },
  ],
  ["postgres", '"a""b" no database here', NODE],
  ["mysql", "function select 'it\\'s'", NODE],
  ["d1", '{"name":"ann"}', { d1: { DB: { databaseName: "users" } } }],
  ["r2", "10", { bindings: [{ name: "IMAGES", type: "r2_bucket", bucketName: "images" }] }],
  [
    "chat",
    "hello",
    { durableObjects: { ROOMS: { className: "Room" } }, migrations: [{ tag: "v1", newSqliteClasses: ["Room"] }] },
  ],
  [
    "counter",
    "2",
    {
      durableObjects: { COUNTERS: { className: "Counter" } },
      migrations: [{ tag: "v1", newSqliteClasses: ["Counter"] }],
    },
  ],
  ["cron", "cron", { kv: ["KV"], crons: ["*/5 * * * *"] }],
  ["openfeature", "true", NODE],
  ["text", "<p>|select 1|é|shop", {}],
  ["wasm", "7", { rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) }],
  ["streaming", "data: 1\n\ndata: 2\n\ndata: 3\n\n", {}],
  ["graphql", '{"data":{"hello":"world"}}', {}],
  ["router", '{"ok":"production"}', {}],
  ["websocket", "expects a websocket", {}],
  [
    "analytics",
    "one function",
    { bindings: [{ name: "EVENTS", type: "analytics_engine", dataset: "events" }], ...NODE },
  ],
  ["rate-limit", "true", { rateLimits: { LIMIT: { limit: 10, period: 60 } } }],
  ["compression", "hello 9dd4 b ab later", NODE],
];

type Shape = Omit<Partial<WorkerWithKvBindingsProps>, "kv"> & { entry?: string; kv?: readonly string[] };

function migrationsOf(template: string): string {
  return join("test/fixtures/templates", template, "migrations");
}

const source = (template: string, entry: string): string => resolve("test/fixtures/templates", template, entry);

describe("a Worker of the shape of a public template", () => {
  let running: RunningCli | undefined;
  afterEach(async () => {
    running?.interrupt();
    await running?.result;
    running = undefined;
  });

  async function answer(define: (stack: TerraformStack) => void): Promise<string> {
    const app = new App({ outdir: dirs.path("cdktf.out") });
    const stack = new TerraformStack(app, "template");
    new CloudflareProvider(stack, "cloudflare");
    define(stack);
    app.synth();
    running = startCli(["dev", "--port", "0", "--ephemeral", "--output", "cdktf.out"], { cwd: dirs.path() });
    await running.says("Stop with Ctrl-C");
    const url = /runs at (\S+)/.exec(running.stdout())?.[1] ?? "";
    return (await fetch(url)).text();
  }

  it.each(TEMPLATES)("starts and answers: %s", async (name, expected, props = {}) => {
    const { entry = "worker.ts", kv = [], ...others } = props;
    const body = await answer((stack) => {
      const bound = kv.map((binding) => [
        binding,
        new KvNamespace(stack, binding, { namespaceName: `${name}-${binding}`, accountId: ACCOUNT }),
      ]);
      new WorkerWithKvBindings(stack, "Worker", {
        accountId: ACCOUNT,
        workerName: name,
        code: WorkerCode.fromEntry(source(name, entry)),
        kv: Object.fromEntries(bound) as Record<string, KvNamespace>,
        ...others,
      });
    });

    if (typeof expected === "string") expect(body).toBe(expected);
    else expect(body).toMatch(expected);
  });

  it("starts and calls another one: rpc", async () => {
    const body = await answer((stack) => {
      const worker = (id: string, entry: string, services: Record<string, string> = {}) =>
        new WorkerWithKvBindings(stack, id, {
          accountId: ACCOUNT,
          workerName: id,
          code: WorkerCode.fromEntry(source("rpc", entry)),
          services,
          workersDev: id === "shop",
        });
      worker("prices", "prices.ts");
      worker("shop", "worker.ts", { PRICES: "prices" });
    });

    expect(body).toBe("3");
  });
});
