import type { Context } from "hono";
import type { SessionVariables } from "cdktf-cloudflare-kv/runtime/hono";
import type { Caller } from "./access.js";
import type { AppConfig } from "./config.js";

/** What stacks/edge-store.ts binds. */
export interface Bindings {
  SESSIONS: KVNamespace;
  CACHE: KVNamespace;
  CONFIG: KVNamespace;
  FLAGS: KVNamespace;
}

/** What every handler finds in its context. */
export interface AppEnv {
  Bindings: Bindings;
  Variables: SessionVariables<Caller> & { config: Readonly<AppConfig> };
}

export type AppContext = Context<AppEnv>;
