import assert from "node:assert/strict";
import { test } from "node:test";
import { FeatureFlags } from "cdktf-cloudflare-kv/runtime";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { thing } from "../worker/thing.js";

const env = { THING: new MemoryKV() };
const context = { waitUntil: () => undefined };
const ask = async (path: string) => (await thing(new Request(`https://app.test${path}`), env, context))?.json();

test("thing is on for who is on its list", async () => {
  await FeatureFlags.fromEnv(env, "THING").set("new-checkout", { enabled: true, percentage: 0, allowlist: ["alice"] });
  assert.deepEqual(await ask("/thing/new-checkout?user=alice"), { name: "new-checkout", enabled: true });
  assert.deepEqual(await ask("/thing/new-checkout?user=bob"), { name: "new-checkout", enabled: false });
  assert.deepEqual(await ask("/thing/unknown"), { name: "unknown", enabled: false });
});
