import * as library from "cdktf-cloudflare-kv";
import type { startEngine } from "cdktf-cloudflare-kv/local";
import * as runtime from "cdktf-cloudflare-kv/runtime";
import * as hono from "cdktf-cloudflare-kv/runtime/hono";
import * as betterAuth from "cdktf-cloudflare-kv/runtime/better-auth";
import * as keyv from "cdktf-cloudflare-kv/runtime/keyv";
import * as reactRouter from "cdktf-cloudflare-kv/runtime/react-router";
import * as unstorage from "cdktf-cloudflare-kv/runtime/unstorage";
import * as openfeature from "cdktf-cloudflare-kv/runtime/openfeature";
import * as testing from "cdktf-cloudflare-kv/runtime/testing";

/** Types alone: the local engine needs Miniflare, which this app does without. */
export type Engine = Awaited<ReturnType<typeof startEngine>>;

const names = Object.entries({
  library,
  runtime,
  hono,
  betterAuth,
  keyv,
  reactRouter,
  unstorage,
  openfeature,
  testing,
}).map(([path, module]) => [
  path,
  Object.keys(module)
    .filter((name) => name !== "default" && name !== "__esModule" && name !== "module.exports")
    .sort(),
]);
console.log(JSON.stringify(Object.fromEntries(names)));
