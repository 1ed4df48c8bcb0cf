import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionStore, sessionCookie } from "cdktf-cloudflare-kv/runtime";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { thing } from "../worker/thing.js";

const env = { THING: new MemoryKV() };
const context = { waitUntil: () => undefined };
const ask = async (method: string, token?: string) => {
  const headers = new Headers();
  if (token !== undefined) headers.set("Cookie", sessionCookie().write(token, 60).split(";")[0] ?? "");
  return thing(new Request("https://app.test/thing", { method, headers }), env, context);
};

test("thing lets in who has a session, until it ends", async () => {
  const { token } = await SessionStore.fromEnv<{ userId: string }>(env, "THING").create({ userId: "alice" });
  assert.deepEqual(await (await ask("GET", token))?.json(), { userId: "alice" });
  assert.equal((await ask("DELETE", token))?.status, 204);
  assert.equal((await ask("GET", token))?.status, 401);
});

test("thing lets in nobody without a password", async () => {
  assert.equal((await ask("GET"))?.status, 401);
  assert.equal((await ask("POST"))?.status, 401);
});
