/**
 * The road from this process to the data inside the runtime. Miniflare's own proxy takes milliseconds for each
 * call; this Worker takes a whole batch. Each namespace is bound to it under its storage name, each user Worker
 * under `worker:<name>`. It listens on loopback, and only to those who know `SECRET`.
 */
export const GATEWAY_SOURCE = `
import { Buffer } from "node:buffer";

export default {
  async fetch(request, env) {
    if (request.headers.get("cfkv-secret") !== env.SECRET) return new Response(null, { status: 403 });
    const url = new URL(request.url);
    const [, place, action] = url.pathname.split("/");
    const query = url.searchParams;
    try {
      if (place === "cron") return await cron(env["worker:" + query.get("worker")], query);
      return await actions[action](env[place], query, request);
    } catch (error) {
      return new Response(String(error?.message ?? error), { status: 500 });
    }
  },
};

const actions = {
  async get(kv, query) {
    const { value, metadata } = await kv.getWithMetadata(query.get("key"), { type: "stream" });
    return value === null ? missing() : new Response(value, { headers: carried(metadata) });
  },
  async metadata(kv, query) {
    const { value, metadata } = await kv.getWithMetadata(query.get("key"), { type: "stream" });
    if (value === null) return missing();
    await value.cancel();
    return Response.json(metadata);
  },
  async put(kv, query, request) {
    await kv.put(query.get("key"), await request.arrayBuffer(), options({
      expiration: query.get("expiration"),
      expirationTtl: query.get("expirationTtl"),
      metadata: query.has("metadata") ? JSON.parse(query.get("metadata")) : undefined,
    }));
    return done();
  },
  async delete(kv, query) {
    await kv.delete(query.get("key"));
    return done();
  },
  async list(kv, query) {
    const page = { prefix: query.get("prefix"), cursor: query.get("cursor"), limit: Number(query.get("limit")) };
    return Response.json(await kv.list(page));
  },
  async putAll(kv, query, request) {
    return each(await request.json(), (pair) =>
      kv.put(pair.key, pair.base64 ? Buffer.from(pair.value, "base64") : pair.value, options(pair)));
  },
  async deleteAll(kv, query, request) {
    return each(await request.json(), (key) => kv.delete(key));
  },
  async getAll(kv, query, request) {
    const keys = await request.json();
    return Response.json(await Promise.all(keys.map(async (key) => {
      const { value, metadata } = await kv.getWithMetadata(key, { type: "text" });
      return value === null ? null : { value, metadata };
    })));
  },
};

/** The keys of those that failed, in their order. */
async function each(items, act) {
  const failed = new Set();
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      await act(items[at]).catch(() => failed.add(at));
    }
  };
  await Promise.all(Array.from({ length: 32 }, lane));
  return Response.json([...failed].sort((a, b) => a - b));
}

function options({ expiration, expirationTtl, metadata }) {
  const all = {};
  if (expirationTtl != null) all.expirationTtl = Number(expirationTtl);
  else if (expiration != null) all.expiration = Number(expiration);
  if (metadata !== undefined) all.metadata = metadata;
  return all;
}

function carried(metadata) {
  return metadata === null ? {} : { "cfkv-metadata": encodeURIComponent(JSON.stringify(metadata)) };
}

async function cron(worker, query) {
  if (worker === undefined) return missing();
  return Response.json(await worker.scheduled({ cron: query.get("cron"), scheduledTime: new Date(Number(query.get("time"))) }));
}

const missing = () => new Response(null, { status: 404 });
const done = () => new Response(null, { status: 204 });
`;
