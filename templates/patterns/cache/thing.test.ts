import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { thing } from "../worker/thing.js";

const env = { THING: new MemoryKV() };
const context = { waitUntil: () => undefined };

test("thing is loaded once", async () => {
  const ask = async () => (await thing(new Request("https://app.test/thing/1"), env, context))?.json();
  assert.deepEqual(await ask(), await ask());
});

test("thing leaves other paths to the next route", async () => {
  assert.equal(await thing(new Request("https://app.test/elsewhere"), env, context), undefined);
});
