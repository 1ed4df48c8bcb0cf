import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigStore } from "cdktf-cloudflare-kv/runtime";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { defaults, thing } from "../worker/thing.js";

const context = { waitUntil: () => undefined };

test("thing has defaults, and closes everything else for maintenance", async () => {
  const env = { THING: new MemoryKV() };
  const ask = async (path: string) => thing(new Request(`https://app.test${path}`), env, context);
  assert.deepEqual(await (await ask("/thing"))?.json(), defaults);
  assert.equal(await ask("/elsewhere"), undefined);

  const other = { THING: new MemoryKV() };
  await ConfigStore.fromEnv(other, "THING", { defaults }).patch({ maintenanceMode: true });
  const closed = await thing(new Request("https://app.test/elsewhere"), other, context);
  assert.equal(closed?.status, 503);
});
