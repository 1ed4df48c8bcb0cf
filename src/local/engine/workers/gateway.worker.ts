/**
 * Connects the engine's process to the data inside workerd. Miniflare's own proxy takes milliseconds for each call;
 * this Worker accepts a whole batch. Each namespace is bound to it under its storage name, each user Worker under
 * `worker:<name>`, the meter as `METER`. It listens on loopback, and answers only requests with `SECRET`.
 */
import { Buffer } from "node:buffer";
import type { StoreEntry } from "../store-entry.js";
import type { WorkerBinding } from "./worker-binding.js";

/** Numbers are strings in a query. */
interface WriteOptions {
  readonly expiration?: number | string | null;
  readonly expirationTtl?: number | string | null;
  readonly metadata?: unknown;
}

type Action = (kv: KVNamespace, query: URLSearchParams, request: Request) => Promise<Response>;

/** Operations of a batch that run at the same time. */
const LANES = 32;

export default {
  async fetch(request, env) {
    if (request.headers.get("cfkv-secret") !== env["SECRET"]) return new Response(null, { status: 403 });
    const url = new URL(request.url);
    const [, place = "", name = ""] = url.pathname.split("/");
    const query = url.searchParams;
    try {
      if (place === "cron")
        return await cron(env[`worker:${query.get("worker") ?? ""}`] as WorkerBinding | undefined, query);
      if (place === "meter") return (await (env["METER"] as Fetcher | undefined)?.fetch("http://meter/")) ?? missing();
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      const kv = env[place] as KVNamespace | undefined;
      return action === undefined || kv === undefined ? missing() : await action(kv, query, request);
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<Record<string, unknown>>;

const actions: Readonly<Record<string, Action>> = {
  async get(kv, query) {
    const { value, metadata } = await kv.getWithMetadata(keyOf(query), { type: "stream" });
    return value === null ? missing() : new Response(value, { headers: carried(metadata) });
  },
  async metadata(kv, query) {
    const { value, metadata } = await kv.getWithMetadata(keyOf(query), { type: "stream" });
    if (value === null) return missing();
    await value.cancel();
    return Response.json(metadata);
  },
  async put(kv, query, request) {
    const metadata = query.get("metadata");
    const options = optionsOf({
      expiration: query.get("expiration"),
      expirationTtl: query.get("expirationTtl"),
      ...(metadata === null ? {} : { metadata: JSON.parse(metadata) as unknown }),
    });
    await kv.put(keyOf(query), await request.arrayBuffer(), options);
    return done();
  },
  async delete(kv, query) {
    await kv.delete(keyOf(query));
    return done();
  },
  async list(kv, query) {
    const page = { prefix: query.get("prefix"), cursor: query.get("cursor"), limit: Number(query.get("limit")) };
    return Response.json(await kv.list(page));
  },
  async putAll(kv, _query, request) {
    const entries = await request.json<StoreEntry[]>();
    return batch(entries, async (entry) => {
      const value = entry.base64 === true ? Buffer.from(entry.value, "base64") : entry.value;
      await kv.put(entry.key, value, optionsOf(entry));
    });
  },
  async deleteAll(kv, _query, request) {
    return batch(await request.json<string[]>(), (key) => kv.delete(key));
  },
  async getAll(kv, _query, request) {
    const keys = await request.json<string[]>();
    const entries = keys.map(async (key) => {
      const { value, metadata } = await kv.getWithMetadata(key, { type: "text" });
      return value === null ? null : { value, metadata };
    });
    return Response.json(await Promise.all(entries));
  },
};

/** Returns the indexes of the items that failed, in order. */
async function batch<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<Response> {
  const failed = new Set<number>();
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of queue) await act(item).catch(() => failed.add(at));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return Response.json([...failed].sort((a, b) => a - b));
}

function optionsOf({ expiration, expirationTtl, metadata }: WriteOptions): KVNamespacePutOptions {
  return {
    ...(expirationTtl != null ? { expirationTtl: Number(expirationTtl) } : {}),
    ...(expirationTtl == null && expiration != null ? { expiration: Number(expiration) } : {}),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function carried(metadata: unknown): Record<string, string> {
  return metadata === null ? {} : { "cfkv-metadata": encodeURIComponent(JSON.stringify(metadata)) };
}

async function cron(worker: WorkerBinding | undefined, query: URLSearchParams): Promise<Response> {
  if (worker === undefined) return missing();
  const scheduledTime = new Date(Number(query.get("time")));
  return Response.json(await worker.scheduled({ cron: query.get("cron") ?? "", scheduledTime }));
}

function keyOf(query: URLSearchParams): string {
  return query.get("key") ?? "";
}

function missing(): Response {
  return new Response(null, { status: 404 });
}

function done(): Response {
  return new Response(null, { status: 204 });
}
