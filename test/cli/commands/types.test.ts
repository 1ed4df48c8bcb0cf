import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import ts from "typescript";
import { WorkerCode } from "../../../src/index.js";
import { wranglerProject } from "../../support/wrangler-project.js";
import { cli } from "../run-cli.js";

const project = wranglerProject();
const { path, write, synth, wrangler } = project;

const types = (...args: readonly string[]) =>
  cli(["types", "--output", path("cdktf.out"), "--out", path("env.d.ts"), ...args]);
const written = (file = "env.d.ts") => readFileSync(path(file), "utf8");

function everything(): void {
  synth({
    namespaces: { SESSIONS: { ttlSeconds: 3600 }, CACHE: {} },
    worker: {
      code: WorkerCode.fromEntry(path("src/index.ts")),
      vars: { GREETING: "hello", LIMITS: { perMinute: 5, names: ["a", "b"] } },
      secrets: ["API_KEY"],
      d1: { DB: {} },
      services: { AUTH: "auth", ADMIN: { service: "auth", entrypoint: "Admin" } },
      queues: { ORDERS: "orders" },
      rateLimits: { LOGIN: { limit: 5, period: 60 } },
      durableObjects: { ROOM: { className: "Room" }, OTHER: { className: "Hall", scriptName: "halls" } },
      migrations: [{ tag: "v1", newSqliteClasses: ["Room"] }],
      bindings: [
        { name: "FILES", type: "r2_bucket", bucketName: "shop-files" },
        { name: "AI", type: "ai" },
        { name: "EVENTS", type: "analytics_engine", dataset: "events" },
        { name: "VERSION", type: "version_metadata" },
      ],
    },
    environments: {
      dev: { namespaces: { DEBUG: {} }, vars: { VERBOSE: "1" } },
      prod: { vars: { GREETING: "good day" } },
    },
  });
}

/** The members of `interface Env`, each with the parts of its type; comments and quotes do not count. */
function members(text: string): Record<string, readonly string[]> {
  const [, body = ""] = /interface Env \{\n([^]*?)\n\s*\}/.exec(text) ?? [];
  const lines = body.split("\n").map((line) => /^\s*(\w+\??): (.*);$/.exec(line.replaceAll(/ ?\/\*.*?\*\//g, "")));
  const found = lines.map((line) => [line?.[1] ?? "", (line?.[2] ?? "").split(" | ").sort()] as const);
  return Object.fromEntries(found.filter(([name]) => name !== "KV_DEFAULTS"));
}

/** What TypeScript finds wrong with a Worker beside the generated declarations. */
function problemsOf(source: string): string[] {
  const worker = write("src/worker.ts", source);
  const program = ts.createProgram([worker, path("env.d.ts")], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2022.d.ts"],
    types: [resolve("node_modules/@cloudflare/workers-types")],
    paths: { "cdktf-cloudflare-kv/runtime": [resolve("src/runtime/index.ts")] },
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  });
  const found = [...program.getSemanticDiagnostics(), ...program.getSyntacticDiagnostics()];
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("cfkv types", () => {
  it("declares what wrangler declares for the exported configuration", async () => {
    everything();
    await cli(["wrangler", "export", "--output", path("cdktf.out"), "--out", path("wrangler.jsonc")]);
    wrangler(["types", "wrangler.d.ts", "--include-runtime=false"]);
    expect((await types()).code).toBe(0);

    expect(Object.keys(members(written())).length).toBeGreaterThan(15);
    expect(members(written())).toEqual(members(written("wrangler.d.ts")));
  });

  it("types the values of namespaces that say what they hold, and KvStore.fromEnv with them", async () => {
    write("src/types.ts", "export interface Session { readonly user: string }\n");
    const module = `./${relative(process.cwd(), path("src/types"))}`;
    synth({ namespaces: { SESSIONS: { value: `${module}#Session` }, CACHE: {} } });
    await types();
    expect(written()).toContain('SESSIONS: KVNamespace & { readonly "~value"?: import("./src/types").Session };');
    const worker = (body: string) => `import { KvStore } from "cdktf-cloudflare-kv/runtime";
      export default { async fetch(_: Request, env: Env) { ${body} return new Response(); } };`;
    const store = 'const sessions = KvStore.fromEnv(env, "SESSIONS"); const session = await sessions.get("k");';
    expect(problemsOf(worker(`${store} const user: string | undefined = session?.user;`))).toEqual([]);
    expect(problemsOf(worker(`${store} const user: number | undefined = session?.user;`))).toEqual([
      "Type 'string | undefined' is not assignable to type 'number | undefined'.\n  Type 'string' is not assignable to type 'number'.",
    ]);
    expect(problemsOf(worker(`${store} await sessions.set("k", { user: 7 });`))).toEqual([
      "Type 'number' is not assignable to type 'string'.",
    ]);
    const cache = 'const found = await KvStore.fromEnv(env, "CACHE").get("k");';
    expect(problemsOf(worker(`${cache} const same: unknown = found;`))).toEqual([]);
    const explicit = 'const found = await KvStore.fromEnv<{ a: 1 }>(env, "CACHE").get("k");';
    expect(problemsOf(worker(`${explicit} const one: 1 | undefined = found?.a;`))).toEqual([]);
  });

  it("merges environments: unions of values, and what only some have is optional", async () => {
    everything();
    await types();

    expect(written()).toContain('GREETING: "hello" | "good day";');
    expect(written()).toContain("DEBUG?: KVNamespace;");
    expect(written()).toContain('VERBOSE?: "1";');
    expect(written()).toContain("SESSIONS: KVNamespace;");
    expect(written()).toContain('ROOM: DurableObjectNamespace<import("./src/index").Room>;');
  });

  it("declares one environment alone", async () => {
    everything();
    await types("prod");

    expect(written()).toContain('GREETING: "good day";');
    expect(written()).not.toContain("DEBUG");
  });

  it("lets the runtime library check a binding's name and kind", async () => {
    everything();
    await types();
    const open = (binding: string) => `import { KvStore } from "cdktf-cloudflare-kv/runtime";
      export default { fetch: (_: Request, env: Env) => new Response(String(KvStore.fromEnv(env, "${binding}"))) };`;

    expect(problemsOf(open("SESSIONS"))).toEqual([]);
    expect(problemsOf(open("SESSION"))).toEqual([expect.stringContaining("SESSION")]);
    expect(problemsOf(open("DB"))).toEqual([expect.stringContaining("DB")]);
  });

  it("types another Worker of the app by its source", async () => {
    synth({
      worker: {
        code: WorkerCode.fromEntry(path("src/index.ts")),
        services: { SELF: { service: "shop-dev", entrypoint: "Admin" } },
      },
      environments: { dev: {} },
    });
    await types();

    expect(written()).toContain('SELF: Service<typeof import("./src/index").Admin>;');
  });

  it("takes the Worker that --worker names, and refuses one that the stack has not", async () => {
    everything();
    expect(await types("--worker", "shop-dev")).toMatchObject({ code: 0 });
    expect((await types("--worker", "other")).stderr).toContain("error WORKER_NOT_CHOSEN");
  });

  it("says in pipelines whether the file is out of date, and replaces no other", async () => {
    everything();
    expect(await types("--check")).toMatchObject({ code: 1, stdout: "" });
    await types();
    expect(await types("--check")).toMatchObject({ code: 0, stderr: "" });
    synth({ environments: { dev: {} } });
    expect((await types("--check")).stderr).toContain("is out of date; to write it: cfkv types");
    write("env.d.ts", "interface Env { MINE: string }");
    expect((await types()).stderr).toContain("error FILE_NOT_GENERATED");
  });

  it("holds a value that would end a comment or a string", async () => {
    synth({
      worker: {
        code: WorkerCode.fromEntry(path("src/index.ts")),
        vars: { ODD: 'a"; */ \n`${b}', JSON_ODD: { "*/": "\u2028" } },
      },
    });
    await types();

    expect(problemsOf(`export const odd = (env: Env): 'a"; */ \\n\`\${b}' => env.ODD;`)).toEqual([]);
  });

  it("leaves a value open that only applying tells", async () => {
    synth({
      configure: (stack) =>
        stack.addOverride("resource.cloudflare_workers_script.Worker_11F36D0F.bindings.0", {
          name: "LATE",
          type: "plain_text",
          text: "${random_pet.name.id}",
        }),
    });
    await types();

    expect(written()).toContain("LATE: string;");
  });
});
