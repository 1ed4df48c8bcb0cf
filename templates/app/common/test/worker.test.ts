import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import worker from "../worker/index.js";

const context = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };

/** Every binding is a KV of its own, in memory. */
const env = new Proxy<Record<string, MemoryKV>>(
  {},
  {
    get: (all, name) =>
      typeof name === "string" && name !== "KV_DEFAULTS" ? (all[name] ??= new MemoryKV()) : undefined,
  },
);
const ask = async (path: string) =>
  worker.fetch(new Request(`https://app.test${path}`), env as never, context as never);

test("the Worker answers", async () => {
  assert.equal((await ask("/")).status, 200);
  assert.equal((await ask("/nothing-here")).status, 404);
});
