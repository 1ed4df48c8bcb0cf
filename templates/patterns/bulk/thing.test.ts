import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { thing } from "../worker/thing.js";

const env = { THING: new MemoryKV() };
const context = { waitUntil: () => undefined };

test("thing reads what its seed file writes, many at once", async () => {
  const entries = JSON.parse(readFileSync("seeds/thing.json", "utf8")) as { key: string; value: string }[];
  for (const { key, value } of entries) await env.THING.put(key, value);
  const response = await thing(new Request("https://app.test/thing?id=1&id=2&id=3"), env, context);
  assert.deepEqual(await response?.json(), { 1: { name: "first" }, 2: { name: "second" }, 3: null });
});
