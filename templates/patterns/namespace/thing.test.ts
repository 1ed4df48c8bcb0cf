import assert from "node:assert/strict";
import { test } from "node:test";
import { KvStore } from "cdktf-cloudflare-kv/runtime";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { type Thing, thing } from "../worker/thing.js";

const env = { THING: new MemoryKV() };
const context = { waitUntil: () => undefined };
const ask = async (id: string) => thing(new Request(`https://app.test/thing/${id}`), env, context);

test("thing finds what is stored, and nothing else", async () => {
  await KvStore.fromEnv<Thing>(env, "THING").set("1", { name: "first" });
  assert.deepEqual(await (await ask("1"))?.json(), { name: "first" });
  assert.equal((await ask("2"))?.status, 404);
});
