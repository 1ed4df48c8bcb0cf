/**
 * Stands between the Workers' KV bindings and the namespaces, and counts what Cloudflare would bill: a read of a missing
 * key too, a bulk read by its keys, and nothing that KV refused. Each binding has the namespace's name in its
 * properties; the engine's own binding has none, and takes what was counted.
 */

/** What was counted in one hour, of one namespace and kind of operation. */
interface Count {
  readonly namespace: string;
  readonly action: string;
  /** Milliseconds since 1970 at which the hour began. */
  readonly hour: number;
  requests: number;
  bytes: number;
  /** How often an operation took so many milliseconds. */
  readonly latencies: Record<string, number>;
}

interface Properties {
  readonly namespace?: string;
}

/** Namespaces are bound as `cfkv:raw:<name>`. */
type Env = Readonly<Record<`cfkv:raw:${string}`, Fetcher>>;

interface Operation {
  readonly action: string;
  /** How many operations the request is billed as. */
  readonly requests: number;
  readonly request: Request;
}

const HOUR = 3_600_000;

let counts = new Map<string, Count>();

export default {
  async fetch(request, env, context: ExecutionContext<Properties>) {
    const { namespace } = (context.props as Properties | undefined) ?? {};
    if (namespace === undefined) return taken();
    const target = env[`cfkv:raw:${namespace}`];
    if (target === undefined) return new Response(null, { status: 404 });
    const { action, requests, request: sent } = await operationOf(request);
    const started = performance.now();
    const response = await target.fetch(sent);
    if (!response.ok && response.status !== 404) return response;
    const count = countOf(namespace, action);
    count.requests += requests;
    const ms = String(Math.round(performance.now() - started));
    count.latencies[ms] = (count.latencies[ms] ?? 0) + 1;
    if (action === "write") count.bytes += Number(request.headers.get("content-length") ?? 0);
    return action === "read" && response.ok && response.body !== null ? measured(response, count) : response;
  },
} satisfies ExportedHandler<Env, unknown, unknown, Properties>;

async function operationOf(request: Request): Promise<Operation> {
  const { method, url } = request;
  if (method === "PUT") return { action: "write", requests: 1, request };
  if (method === "DELETE") return { action: "delete", requests: 1, request };
  if (method === "POST") {
    const body = await request.text();
    const { keys } = JSON.parse(body) as { readonly keys?: readonly string[] };
    return { action: "read", requests: keys?.length ?? 1, request: new Request(request, { body }) };
  }
  return { action: new URL(url).pathname === "/" ? "list" : "read", requests: 1, request };
}

function countOf(namespace: string, action: string): Count {
  const hour = Math.floor(Date.now() / HOUR) * HOUR;
  const name = `${hour} ${action} ${namespace}`;
  const known = counts.get(name) ?? { namespace, action, hour, requests: 0, bytes: 0, latencies: {} };
  counts.set(name, known);
  return known;
}

/** The same answer, whose bytes are counted as they are read. */
function measured(response: Response, count: Count): Response {
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      count.bytes += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(counter) ?? null, response);
}

function taken(): Response {
  const list = [...counts.values()];
  counts = new Map();
  return Response.json(list);
}
