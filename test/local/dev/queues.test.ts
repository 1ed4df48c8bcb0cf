import { App, TerraformStack } from "cdktf";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { Queue } from "@cdktf/provider-cloudflare/lib/queue/index.js";
import { QueueConsumer } from "@cdktf/provider-cloudflare/lib/queue-consumer/index.js";
import { chooseStack, readAssembly } from "../../../src/assembly/index.js";
import { KvNamespace, WorkerCode, WorkerWithKvBindings } from "../../../src/index.js";
import { type DevServer, type DevUpdate, startDev } from "../../../src/local/dev/server.js";
import { ACCOUNT } from "../../constructs/samples.js";
import { tempDirs } from "../../support/temp-dir.js";

jest.setTimeout(30_000);

const dirs = tempDirs();

const SHOP = `export default { async fetch(request, env) {
  const { pathname } = new URL(request.url);
  if (pathname === "/seen") return Response.json(await env.KV.get("seen", "json"));
  await env.ORDERS.sendBatch(["a", "b", "bad", "c"].map((body) => ({ body })));
  return new Response("sent");
} };`;

/** Notes each batch; a message 'bad' is tried again, until it is a dead letter. */
const ACCOUNTING = `export default { async queue(batch, env) {
  const seen = (await env.KV.get("seen", "json")) ?? [];
  seen.push([batch.queue, ...batch.messages.map(({ body, attempts }) => body + attempts)]);
  await env.KV.put("seen", JSON.stringify(seen));
  if (batch.queue === "orders") for (const message of batch.messages) message.body === "bad" ? message.retry() : message.ack();
} };`;

describe("queues of a stack", () => {
  let server: DevServer | undefined;
  afterEach(async () => {
    await server?.dispose();
    server = undefined;
  });

  async function start(define: (stack: TerraformStack, kv: KvNamespace) => void): Promise<DevUpdate> {
    const app = new App({ outdir: dirs.path("cdktf.out") });
    const stack = new TerraformStack(app, "shop");
    new CloudflareProvider(stack, "cloudflare");
    define(stack, new KvNamespace(stack, "Kv", { accountId: ACCOUNT, namespaceName: "seen" }));
    app.synth();
    const assembly = readAssembly(dirs.path("cdktf.out"));
    async function* readSeeds() {}
    server = await startDev({ port: 0, readSeeds });
    return server.update(assembly, chooseStack(assembly, {}), new Map());
  }

  const worker = (stack: TerraformStack, workerName: string, code: string, kv: KvNamespace, queues = {}) =>
    new WorkerWithKvBindings(stack, workerName, {
      accountId: ACCOUNT,
      workerName,
      code: WorkerCode.fromInline(code),
      kv: { KV: kv },
      queues,
    });

  const consumer = (stack: TerraformStack, name: string, scriptName: string, deadLetterQueue?: string) => {
    const queue = new Queue(stack, `Queue-${name}`, { accountId: ACCOUNT, queueName: name });
    new QueueConsumer(stack, `Consumer-${name}`, {
      accountId: ACCOUNT,
      queueId: queue.id,
      type: "worker",
      scriptName,
      settings: { batchSize: 2, maxWaitTimeMs: 10, maxRetries: 1 },
      ...(deadLetterQueue !== undefined && { deadLetterQueue }),
    });
  };

  it("reach their Worker in batches, are tried again, and end as dead letters", async () => {
    const { notes } = await start((stack, kv) => {
      const accounting = worker(stack, "accounting", ACCOUNTING, kv);
      worker(stack, "shop", SHOP, kv, { ORDERS: "orders" });
      consumer(stack, "orders", accounting.workerName, "lost");
      consumer(stack, "lost", "accounting");
    });
    expect(notes).toEqual([]);
    const url = server?.url ?? "";
    expect(await (await fetch(url)).text()).toBe("sent");

    let seen: string[][] = [];
    for (let tries = 0; tries < 500 && !seen.some(([queue]) => queue === "lost"); tries++) {
      seen = ((await (await fetch(`${url}/seen`)).json()) as string[][] | null) ?? [];
    }
    expect(seen.every((batch) => batch.length <= 3)).toBe(true);
    expect(seen.slice(0, 2)).toEqual([
      ["orders", "a1", "b1"],
      ["orders", "bad1", "c1"],
    ]);
    expect(seen.slice(2)).toEqual([
      ["orders", "bad2"],
      ["lost", "bad1"],
    ]);
  });

  it("without a consumer are noted", async () => {
    const { notes } = await start((stack, kv) => worker(stack, "shop", SHOP, kv, { ORDERS: "orders" }));
    expect(notes).toEqual(["no Worker gets the messages of queue orders here: they are dropped"]);
  });

  it("have one Worker", async () => {
    const { notes } = await start((stack, kv) => {
      worker(stack, "first", ACCOUNTING, kv);
      worker(stack, "second", ACCOUNTING, kv);
      consumer(stack, "orders", "first");
      new QueueConsumer(stack, "Other", {
        accountId: ACCOUNT,
        queueId: "${cloudflare_queue.Queue-orders.id}",
        scriptName: "second",
      });
    });
    expect(notes).toEqual(["queue orders of Worker second is left out: Worker first gets its messages"]);
  });
});
