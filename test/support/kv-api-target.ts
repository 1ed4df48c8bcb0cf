import { CloudflareClient } from "../../src/cloudflare/client.js";
import type { HttpOptions } from "../../src/cloudflare/http.js";
import type { KvNamespaceClient } from "../../src/cloudflare/kv-namespace-client.js";
import type { Clock } from "../../src/data/target.js";
import { type Fault, type KvApiServer, startKvApiServer } from "./kv-api-server.js";

export const accountId = "0123456789abcdef0123456789abcdef";

/** Retries at once and does not count requests. */
export const impatient: HttpOptions = {
  budget: "unlimited",
  retry: { limit: 3, firstSeconds: 0.002, longestSeconds: 0.005 },
};

/** A clock whose waiting takes no time. */
export function testClock(now = Math.floor(Date.now() / 1000)): Clock & { waited: number[] } {
  const waited: number[] = [];
  return {
    waited,
    now: () => now,
    wait: (seconds) => {
      if (seconds > 0) waited.push(seconds);
      return Promise.resolve();
    },
  };
}

/** A server for each test of the file, and ways to look at it. */
export function kvApi(): {
  server: () => KvApiServer;
  client: () => CloudflareClient;
  namespace: (id: string) => KvNamespaceClient;
  /** Keys and values of a namespace, sorted. */
  contents: (id: string) => Record<string, string>;
  /** `PUT bulk`, `GET keys` …, each with how often it was asked. */
  requests: () => Record<string, number>;
  /** Fails the requests for which there is a fault; `undefined` lets one pass. */
  failing: (...faults: (Fault | undefined)[]) => void;
} {
  let running: KvApiServer | undefined;
  const server = () => {
    if (running === undefined) throw new Error("the server runs within a test only");
    return running;
  };
  beforeEach(async () => {
    running = await startKvApiServer();
  });
  afterEach(() => server().close());
  const client = () => new CloudflareClient({ token: "test-token", accountId, baseUrl: server().baseUrl }, impatient);
  return {
    server,
    client,
    namespace: (id) => client().namespace(id),
    contents: (id) => {
      const entries = [...(server().namespaces.get(id)?.entries ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(entries.map(([key, { value }]) => [key, value.toString("utf8")]));
    },
    requests: () => {
      const counts: Record<string, number> = {};
      for (const { method, path } of server().requests) {
        const route = `${method} ${path.split("/").slice(7).join("/")}`;
        counts[route] = (counts[route] ?? 0) + 1;
      }
      return counts;
    },
    failing: (...faults) => {
      server().fault = () => faults.shift();
    },
  };
}
