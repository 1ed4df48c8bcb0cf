/**
 * The Worker in front of all others: picks one by route, domain, or `<name>.localhost`. Unknown hosts are refused, so
 * that a web page cannot reach this machine through a name of its own (DNS rebinding).
 */
import type { RequestRecord } from "../request-log.js";
import type { Route } from "../route-table.js";

/** Fetchers are bound as `W0`, `W1`, …; `REQUESTS` exists if requests are recorded. */
interface Env {
  readonly TABLE: readonly Route[];
  /** The binding of each Worker, by its name in lower case. */
  readonly WORKERS: Readonly<Record<string, string>>;
  /** The Worker for hosts without a known name; empty for none. */
  readonly DEFAULT: string;
  /** Names that are treated like `localhost`, such as a tunnel's; `*` means any IP address. */
  readonly HOSTS: readonly string[];
  /** Proves to the engine that a request comes from the router. */
  readonly SECRET: string;
  readonly REQUESTS?: Fetcher;
  readonly [worker: `W${number}`]: Fetcher;
}

type Received = Request<unknown, IncomingRequestCfProperties>;

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (!isAddressed(request, url, env)) return text(403, "the host of the address and of the header must be the same");
    const host = url.hostname.toLowerCase();
    const worker = byRoute(env.TABLE, host, url.pathname + url.search) ?? byName(env, host);
    const fetcher = worker === undefined ? undefined : env[bindingOf(env, worker)];
    if (worker === undefined || fetcher === undefined) return unknown(env, url);
    const started = Date.now();
    const ray = newRay();
    const response = await answer(fetcher, passedOn(request, ray));
    if (env.REQUESTS !== undefined) {
      const ms = Date.now() - started;
      const { method } = request;
      const entry: RequestRecord = { ray, worker, method, url: request.url, status: response.status, ms };
      const headers = { "cfkv-secret": env.SECRET };
      context.waitUntil(
        env.REQUESTS.fetch("http://requests/", { method: "POST", headers, body: JSON.stringify(entry) }),
      );
    }
    return response;
  },
} satisfies ExportedHandler<Env>;

/** Whether a request was sent to the host that its address names; only the engine may send it elsewhere. */
function isAddressed({ headers }: Received, { host }: URL, { SECRET }: Env): boolean {
  if (headers.get("cfkv-secret") === SECRET) return true;
  const header = `http://${headers.get("host") ?? ""}`;
  return URL.canParse(header) && new URL(header).host === host;
}

/** As at Cloudflare, where each request has a `cf-ray` of its own. */
function newRay(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function passedOn(request: Received, ray: string): Received {
  const copy = new Request(request);
  copy.headers.set("cf-ray", ray);
  copy.headers.delete("cfkv-secret");
  return copy as Received;
}

/** A Worker's exception becomes a response here; workerd logs its stack. */
async function answer(worker: Fetcher, request: Received): Promise<Response> {
  try {
    return await worker.fetch(request);
  } catch (error) {
    return text(500, error instanceof Error ? String(error) : `Error: ${String(error)}`);
  }
}

function byRoute(table: readonly Route[], host: string, path: string): string | undefined {
  const row = table.find(
    (row) =>
      (row.anyPrefix ? host.endsWith(row.host) : host === row.host) &&
      (row.anySuffix ? path.startsWith(row.path) : path === row.path),
  );
  return row?.worker;
}

function byName(env: Env, host: string): string | undefined {
  if (isOurs(env, host)) return env.DEFAULT === "" ? undefined : env.DEFAULT;
  const name = host.endsWith(".localhost") ? host.slice(0, -".localhost".length) : undefined;
  return name !== undefined && Object.hasOwn(env.WORKERS, name) ? name : undefined;
}

function isOurs({ HOSTS }: Env, host: string): boolean {
  return LOOPBACK.test(host) || HOSTS.includes(host) || (HOSTS.includes("*") && ADDRESS.test(host));
}

function bindingOf({ WORKERS }: Env, worker: string): `W${number}` {
  return (WORKERS[worker.toLowerCase()] ?? "") as `W${number}`;
}

function unknown(env: Env, url: URL): Response {
  const host = url.hostname.toLowerCase();
  if (!isOurs(env, host) && !host.endsWith(".localhost")) {
    return text(403, `the host '${url.host}' is not a route, domain or Worker of this machine`);
  }
  const names = Object.keys(env.WORKERS).map((name) => `${name}.localhost`);
  return text(404, `no Worker has the host '${url.host}': known are ${names.join(", ") || "none"}`);
}

function text(status: number, message: string): Response {
  return new Response(`${message}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
