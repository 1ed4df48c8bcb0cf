import { Agent, request } from "node:http";
import { startEmulator } from "../src/local/emulator/emulator.js";

const ACCOUNT = "00000000000000000000000000000001";
const PAIRS = 100_000;
const PER_BULK = 10_000;
const SINGLES = 10_000;
const CONNECTIONS = 50;

/** 100,000 pairs in bulk writes, then 10,000 single requests from 50 connections, without an error. */
export async function run(): Promise<void> {
  const emulator = await startEmulator({ onLog: ({ message }) => console.error(message) });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const send = client(Number(new URL(emulator.url).port), agent);
  try {
    const namespaces = `/accounts/${ACCOUNT}/storage/kv/namespaces`;
    const created = JSON.parse(await send("POST", namespaces, '{"title":"bench"}')) as { result: { id: string } };
    const namespace = `${namespaces}/${created.result.id}`;

    const bulk = await timed(async () => {
      for (let from = 0; from < PAIRS; from += PER_BULK) {
        const pairs = Array.from({ length: PER_BULK }, (_, at) => ({
          key: `key-${from + at}`,
          value: `value ${from + at}`,
        }));
        await send("PUT", `${namespace}/bulk`, JSON.stringify(pairs));
      }
    });
    report(`${PAIRS} pairs, ${PAIRS / PER_BULK} bulk requests`, bulk, PAIRS);

    for (const [method, body] of [["GET"], ["PUT", "another value"]] as const) {
      const singles = await timed(async () => {
        let next = 0;
        const lane = async (): Promise<void> => {
          while (next < SINGLES) await send(method, `${namespace}/values/key-${next++}`, body);
        };
        await Promise.all(Array.from({ length: CONNECTIONS }, lane));
      });
      report(`${SINGLES} single ${method} requests, ${CONNECTIONS} connections`, singles, SINGLES);
    }
    console.log(`memory of this process: ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
  } finally {
    agent.destroy();
    await emulator.close();
  }
}

function client(port: number, agent: Agent): (method: string, path: string, body?: string) => Promise<string> {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: "Bearer bench" };
      request({ host: "127.0.0.1", port, agent, method, path: `/client/v4${path}`, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${method} ${path} was answered ${String(response.statusCode)}: ${text}`));
        });
      })
        .on("error", reject)
        .end(body);
    });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function report(what: string, seconds: number, count: number): void {
  console.log(`${what}: ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second`);
}
