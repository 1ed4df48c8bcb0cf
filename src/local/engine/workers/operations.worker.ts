/**
 * Follows requests to Workers that have namespaces, and reports how many KV operations each Worker had begun when it
 * responded. A Worker that passes a request on to another one is counted, the other is not.
 */
import type { KvCount } from "../request-log.js";

interface Env {
  /** Proves to the engine that a request comes from one of its own Workers. */
  readonly SECRET: string;
  readonly REQUESTS: Fetcher;
}

/** The requests whose first invocation is under way. */
const underWay = new Set<string>();

export default {
  tailStream({ event: { info } }, env) {
    const ray = info.type === "fetch" ? rayOf(info) : undefined;
    if (ray === undefined || underWay.has(ray)) return {};
    underWay.add(ray);
    let kvOperations = 0;
    let isReported = false;
    const report = async (): Promise<void> => {
      if (isReported) return;
      isReported = true;
      const body = JSON.stringify({ ray, kvOperations } satisfies KvCount);
      await env.REQUESTS.fetch("http://requests/", { method: "POST", headers: { "cfkv-secret": env.SECRET }, body });
    };
    return {
      spanOpen: ({ event: { name } }) => {
        if (name.startsWith("kv_")) kvOperations++;
      },
      return: report,
      // Without a response: the Worker threw.
      outcome: async () => {
        underWay.delete(ray);
        await report();
      },
    };
  },
} satisfies ExportedHandler<Env>;

function rayOf({ headers }: TailStream.FetchEventInfo): string | undefined {
  return headers.find(({ name }) => name === "cf-ray")?.value;
}
