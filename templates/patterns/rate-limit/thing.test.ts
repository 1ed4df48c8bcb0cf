import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { thing } from "../worker/thing.js";

const env = { THING: new MemoryKV() };
const context = { waitUntil: () => undefined };

test("thing refuses an address that asks too often, and no other", async () => {
  const ask = async (address: string) =>
    (await thing(new Request("https://app.test/", { headers: { "CF-Connecting-IP": address } }), env, context))?.status;
  for (let request = 0; request < 100; request++) assert.equal(await ask("192.0.2.1"), undefined);
  assert.equal(await ask("192.0.2.1"), 429);
  assert.equal(await ask("192.0.2.2"), undefined);
});
