/**
 * A loopback API for `bench/seed.ts`, in a process of its own. It parses what it is sent and keeps none of it; its keys
 * are `key:0000000`, `key:0000001` …, as many as `SEED_KEYS` says, made up when asked for. Tells its port and its counts
 * to the parent.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const total = Number(process.env["SEED_KEYS"] ?? 0);
const valueOf = (name: string): string => `value of ${name}, about forty bytes long..`;
const counts = { requests: 0, pairs: 0, values: 0 };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    counts.requests++;
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
    const [result, info] = answer(url, body);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ success: true, errors: [], messages: [], result, result_info: info }));
  });
});

function answer(url: URL, body: unknown): [result: unknown, info?: object] {
  if (url.pathname.endsWith("/bulk")) {
    const pairs = body as readonly object[];
    counts.pairs += pairs.length;
    return [{ successful_key_count: pairs.length, unsuccessful_keys: [] }];
  }
  if (url.pathname.endsWith("/bulk/get")) {
    const { keys } = body as { keys: readonly string[] };
    counts.values += keys.length;
    return [{ values: Object.fromEntries(keys.map((key) => [key, { value: valueOf(key), metadata: null }])) }];
  }
  const first = Number(url.searchParams.get("cursor") ?? 0);
  const last = Math.min(total, first + 1000);
  const keys = Array.from({ length: last - first }, (_, at) => ({
    name: `key:${String(first + at).padStart(7, "0")}`,
  }));
  return [keys, { count: keys.length, cursor: last < total ? String(last) : "" }];
}

process.on("message", () => {
  process.send?.(counts);
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
