import { App } from "cdktf";
import { EnvironmentSet, type EnvironmentSetProps, WorkerCode } from "cdktf-cloudflare-kv";
import { readAssembly } from "../../src/assembly/index.js";
import { type Emulator, startEmulator } from "../../src/local/emulator/emulator.js";
import { ACCOUNT, api, callWorker, createNamespace, KV, uploadWorker } from "../local/emulator/emulator-client.js";

/** A set of environments whose `prod` is deployed to an emulator. */
export interface LiveWorld {
  readonly emulator: Emulator;
  /** The assembly's folder. */
  readonly output: string;
  /** The environment of a command that talks to the emulator. */
  readonly env: Record<string, string>;
  /** Ids of the deployed namespaces by their names. */
  readonly ids: Readonly<Record<string, string>>;
  readonly put: (namespace: string, key: string, value: string, query?: string) => Promise<void>;
  readonly get: (namespace: string, key: string) => Promise<void>;
  readonly callWorker: () => Promise<string>;
  readonly close: () => Promise<void>;
}

const WORKER = `export default { async fetch(request, env) {
  const known = await env.CACHE.get("cache:post:1");
  if (known === null) await env.CACHE.put("cache:post:1", "loaded", { expirationTtl: 3600 });
  return new Response(known ?? "loaded");
} };`;

/** Synthesizes a shop, and deploys its production by hand: without Terraform, which tests cannot download. */
export async function liveWorld(outdir: string, changes: Partial<EnvironmentSetProps> = {}): Promise<LiveWorld> {
  const app = new App({ outdir });
  new EnvironmentSet(app, "shop", {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: {
      SESSIONS: { ttlSeconds: 86_400, description: "Who is logged in", keys: { "session:{token}": "A session" } },
      CACHE: { ttlSeconds: 3600, description: "Products" },
      FLAGS: { description: "Feature flags", keys: { "flag:{name}": "A flag" } },
    },
    worker: { code: WorkerCode.fromInline(WORKER), workersDev: true },
    environments: { dev: {}, prod: {} },
    ...changes,
  });
  app.synth();

  const emulator = await startEmulator();
  const stack = readAssembly(outdir).stacks.find(({ name }) => name === "shop-prod");
  const names = stack?.namespaces.flatMap(({ name }) => name ?? []) ?? [];
  const ids: Record<string, string> = {};
  for (const name of names) ids[name] = await createNamespace(emulator, name);
  const bindings = (stack?.namespaces ?? []).map(({ binding, name }) => ({
    type: "kv_namespace",
    name: binding,
    namespace_id: ids[name ?? ""],
  }));
  await uploadWorker(emulator, "shop-prod", WORKER, { bindings });
  const path = (namespace: string, key: string): string =>
    `${KV}/${ids[namespace] ?? ""}/values/${encodeURIComponent(key)}`;
  return {
    emulator,
    output: outdir,
    env: {
      CLOUDFLARE_API_TOKEN: "test-token",
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      CLOUDFLARE_BASE_URL: emulator.baseUrl,
    },
    ids,
    put: async (namespace, key, value, query = "") => {
      const { status } = await api(emulator, "PUT", path(namespace, key) + query, { body: value });
      if (status !== 200) throw new Error(`the write of ${key} was answered with ${status}`);
    },
    get: async (namespace, key) => {
      await api(emulator, "GET", path(namespace, key));
    },
    callWorker: async () => (await callWorker(emulator, "shop-prod.localhost")).body.toString(),
    close: () => emulator.close(),
  };
}
