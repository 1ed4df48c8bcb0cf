import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { thing } from "../worker/thing.js";

const env = { THING: new MemoryKV() };
const context = { waitUntil: () => undefined };

test("thing shows and changes nothing for who is not logged in", async () => {
  for (const method of ["GET", "PATCH"]) {
    const response = await thing(new Request("https://app.test/thing", { method }), env, context);
    assert.equal(response?.status, 401);
  }
});
