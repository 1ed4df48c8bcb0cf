import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformVariable } from "cdktf";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { WorkerWithKvBindings } from "../../src/constructs/worker-with-kv-bindings.js";
import { ValidationError } from "../../src/errors.js";
import { expectFitsProvider, readable, synthToJson, testStack, workingDirectoryOf } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";
import {
  ACCOUNT,
  bindingsOf,
  CODE,
  namespaceOf,
  onlyResource,
  OTHER_ACCOUNT,
  problemsOf,
  stackBeside,
  untyped,
  workerOf,
} from "./samples.js";

const SCRIPT = "cloudflare_workers_script";
const files = tempDirs();

describe("a Worker", () => {
  it("with its namespaces is a script, bound in the order of the names", () => {
    const stack = testStack();
    const kv = {
      SESSIONS: namespaceOf(stack, "Sessions", { ttlSeconds: 1800, description: "Who is logged in" }),
      CACHE: namespaceOf(stack, "Cache", { ttlSeconds: 3600 }),
      CONFIG: namespaceOf(stack, "Config"),
    };
    workerOf(stack, { kv });
    const { output, resource, "//": notes } = readable(synthToJson(stack));

    expect({ "//": notes, output, script: resource?.[SCRIPT] }).toMatchInlineSnapshot(`
     {
       "//": {
         "cfkv": {
           "namespaces": {
             "Cache_18F6EE16": {
               "ttlSeconds": 3600,
             },
             "Config_57D1D894": {},
             "Sessions_8896A56D": {
               "description": "Who is logged in",
               "ttlSeconds": 1800,
             },
           },
           "version": 1,
           "workers": {
             "Api_F70053CD": {},
           },
         },
       },
       "output": {
         "Api_worker_name_C18D8E95": {
           "value": "\${cloudflare_workers_script.Api_F70053CD.script_name}",
         },
         "Api_worker_urls_CE183A99": {
           "value": [],
         },
       },
       "script": {
         "Api_F70053CD": {
           "account_id": "0123456789abcdef0123456789abcdef",
           "bindings": [
             {
               "name": "CACHE",
               "namespace_id": "\${cloudflare_workers_kv_namespace.Cache_18F6EE16.id}",
               "type": "kv_namespace",
             },
             {
               "name": "CONFIG",
               "namespace_id": "\${cloudflare_workers_kv_namespace.Config_57D1D894.id}",
               "type": "kv_namespace",
             },
             {
               "name": "KV_DEFAULTS",
               "text": "{"CACHE":{"ttlSeconds":3600},"SESSIONS":{"ttlSeconds":1800,"description":"Who is logged in"}}",
               "type": "plain_text",
             },
             {
               "name": "SESSIONS",
               "namespace_id": "\${cloudflare_workers_kv_namespace.Sessions_8896A56D.id}",
               "type": "kv_namespace",
             },
           ],
           "compatibility_date": "2026-04-01",
           "content_file": "assets/Api_Code_BF1BC992/553f5b6e09a1f14046b6c0cec5de535793f07e5887b31d2e05a6e1beb9224449/index.js",
           "content_sha256": "553f5b6e09a1f14046b6c0cec5de535793f07e5887b31d2e05a6e1beb9224449",
           "logpush": false,
           "main_module": "index.js",
           "observability": {
             "enabled": true,
             "head_sampling_rate": 1,
             "logs": {
               "enabled": true,
               "head_sampling_rate": 1,
               "invocation_logs": true,
             },
           },
           "script_name": "shop-api",
         },
       },
     }
    `);
    expectFitsProvider(stack);
  });

  it("has its module in a file of the assembly, named by its hash", () => {
    const stack = testStack();
    workerOf(stack);
    const { content_file: path, content_sha256: hash } = onlyResource(stack, SCRIPT);

    expect(path).toBe(`assets/Api_Code_BF1BC992/${String(hash)}/index.js`);
    expect(readFileSync(join(workingDirectoryOf(stack), String(path)), "utf8")).toBe(
      "export default { fetch: () => new Response('hello') };\n",
    );
  });

  it("never has an empty list of bindings", () => {
    const stack = testStack();
    workerOf(stack);

    expect(onlyResource(stack, SCRIPT)).not.toHaveProperty("bindings");
    expectFitsProvider(stack);
  });

  it("has no defaults when no namespace says anything", () => {
    const stack = testStack();
    workerOf(stack, { kv: { CONFIG: namespaceOf(stack, "Config", { ttlSeconds: 0 }) } });

    expect(Object.keys(bindingsOf(stack))).toEqual(["CONFIG"]);
  });

  it("takes every setting of the script", () => {
    const stack = testStack();
    workerOf(stack, {
      compatibilityDate: "2025-01-01",
      compatibilityFlags: ["nodejs_compat", "global_fetch_strictly_public", "nodejs_compat"],
      limits: { cpuMs: 50 },
      placement: { mode: "smart" },
      logpush: true,
      tailConsumers: ["tail-b", "tail-a", "tail-b"],
      observability: { enabled: false, headSamplingRate: 0.1, invocationLogs: false },
    });

    expect(onlyResource(stack, SCRIPT)).toMatchObject({
      compatibility_date: "2025-01-01",
      compatibility_flags: ["global_fetch_strictly_public", "nodejs_compat"],
      limits: { cpu_ms: 50 },
      placement: { mode: "smart" },
      logpush: true,
      tail_consumers: [{ service: "tail-a" }, { service: "tail-b" }],
      observability: {
        enabled: false,
        head_sampling_rate: 0.1,
        logs: { enabled: false, head_sampling_rate: 0.1, invocation_logs: false },
      },
    });
    expectFitsProvider(stack);
  });

  it("may leave values to applying", () => {
    const stack = testStack();
    const text = new TerraformVariable(stack, "text", { type: "string" }).stringValue;
    const number = new TerraformVariable(stack, "number", { type: "number" }).numberValue;
    workerOf(stack, {
      workerName: text,
      accountId: text,
      compatibilityDate: text,
      limits: { cpuMs: number },
      observability: { headSamplingRate: number },
      routes: [{ pattern: `${text}/*`, zoneId: text }],
      customDomains: [{ hostname: text, zoneId: text }],
      crons: [text],
      d1: { DB: { databaseId: text } },
      services: { API: text },
    });

    expect(onlyResource(stack, SCRIPT)).toMatchObject({
      script_name: "${var.text}",
      limits: { cpu_ms: "${var.number}" },
      observability: { head_sampling_rate: "${var.number}" },
    });
    expectFitsProvider(stack);
  });

  it("takes its account from the environment variable when props name none", () => {
    process.env["CLOUDFLARE_ACCOUNT_ID"] = OTHER_ACCOUNT;
    try {
      const stack = testStack();
      const worker = new WorkerWithKvBindings(stack, "Api", { workerName: "shop-api", code: CODE, workersDev: true });

      expect(worker.accountId).toBe(OTHER_ACCOUNT);
      expect(onlyResource(stack, SCRIPT)["account_id"]).toBe(OTHER_ACCOUNT);
      expect(onlyResource(stack, "cloudflare_workers_script_subdomain")["account_id"]).toBe(OTHER_ACCOUNT);
    } finally {
      delete process.env["CLOUDFLARE_ACCOUNT_ID"];
    }
  });
});

describe("a namespace bound later", () => {
  it("is bound like those of the props, with its TTL", () => {
    const stack = testStack();
    const worker = workerOf(stack, { kv: { SESSIONS: namespaceOf(stack, "Sessions") } });
    const cache = namespaceOf(stack, "Cache", { ttlSeconds: 3600 });
    worker.bindKv("CACHE", cache);

    expect(Object.keys(bindingsOf(stack))).toEqual(["CACHE", "KV_DEFAULTS", "SESSIONS"]);
    expect(bindingsOf(stack)["KV_DEFAULTS"]?.["text"]).toBe('{"CACHE":{"ttlSeconds":3600}}');
    expect(worker.kv["CACHE"]).toBe(cache);
    expectFitsProvider(stack);
  });

  it("is read as a copy", () => {
    const stack = testStack();
    const worker = workerOf(stack, { kv: { SESSIONS: namespaceOf(stack, "Sessions") } });
    delete (worker.kv as Record<string, unknown>)["SESSIONS"];

    expect(Object.keys(worker.kv)).toEqual(["SESSIONS"]);
  });

  it("needs a name of its own, and leaves it free when it is refused", () => {
    const stack = testStack();
    const worker = workerOf(stack, { vars: { MODE: "x" } });
    const cache = namespaceOf(stack, "Cache");
    const foreign = namespaceOf(stack, "Foreign", { accountId: OTHER_ACCOUNT });

    expect(problemsOf(() => worker.bindKv("MODE", foreign))).toEqual([
      `namespace 'dev/Foreign' bound as 'MODE' belongs to account ${OTHER_ACCOUNT}, the Worker to ${ACCOUNT}`,
      "binding 'MODE' is defined twice: by vars and by kv",
    ]);
    expect(problemsOf(() => worker.bindKv("2", cache))).toEqual([
      "binding names must be JavaScript identifiers, got '2' (kv)",
    ]);
    expect(problemsOf(() => worker.bindKv("CACHE", foreign))).toHaveLength(1);
    expect(() => worker.bindKv("CACHE", cache)).not.toThrow();
    expect(problemsOf(() => worker.bindKv("CACHE", cache))).toEqual([
      "binding 'CACHE' is defined twice: by kv and by kv",
    ]);
  });

  it.each<[string, unknown, unknown, string]>([
    ["no name", undefined, {}, "binding is required"],
    ["a number as name", 1, {}, "binding must be a string, got 1"],
    ["no namespace", "A", undefined, "namespace is required"],
    [
      "an id as namespace",
      "A",
      ACCOUNT,
      "namespace must be a namespace, such as KvNamespace.fromNamespaceId(this, 'Sessions', '<id>'), got a string",
    ],
  ])("is refused with %s", (_, binding, namespace, problem) => {
    const stack = testStack();
    const given = namespace === undefined || typeof namespace === "string" ? namespace : namespaceOf(stack, "Cache");

    expect(problemsOf(() => workerOf(stack).bindKv(untyped(binding), untyped(given)))).toEqual([problem]);
  });
});

describe("the assets of a Worker", () => {
  it.each([
    [true, true],
    [false, false],
    [
      ["/api/*", "!/api/${x}"],
      ["/api/*", "!/api/$${x}"],
    ],
  ])("may call it first for %j", (runWorkerFirst, synthesized) => {
    files.write("public/index.html", "<h1>hello</h1>");
    const stack = testStack();
    workerOf(stack, {
      assets: {
        directory: files.path("public"),
        binding: "ASSETS",
        htmlHandling: "drop-trailing-slash",
        notFoundHandling: "404-page",
        runWorkerFirst,
      },
    });
    const { assets } = onlyResource(stack, SCRIPT) as { assets: { directory: string } };

    expect(assets).toMatchObject({
      directory: expect.stringMatching(/^assets\//) as string,
      config: {
        html_handling: "drop-trailing-slash",
        not_found_handling: "404-page",
        run_worker_first: synthesized,
      },
    });
    expect(bindingsOf(stack)).toEqual({ ASSETS: { name: "ASSETS", type: "assets" } });
    expect(readFileSync(join(workingDirectoryOf(stack), assets.directory, "index.html"), "utf8")).toBe(
      "<h1>hello</h1>",
    );
    expectFitsProvider(stack);
  });

  it("may be a folder alone", () => {
    files.write("public/index.html", "");
    const stack = testStack();
    workerOf(stack, { assets: { directory: files.path("public") } });

    expect(Object.keys(onlyResource(stack, SCRIPT)["assets"] as object)).toEqual(["directory"]);
    expectFitsProvider(stack);
  });

  it("must be a folder", () => {
    const file = files.write("index.html", "");

    expect(problemsOf(() => workerOf(testStack(), { assets: { directory: file } }))).toEqual([
      `assets: '${file}' is not a directory`,
    ]);
    expect(problemsOf(() => workerOf(testStack(), { assets: { directory: "missing" } }))).toEqual([
      `assets: directory 'missing' does not exist in ${process.cwd()}`,
    ]);
  });
});

describe("a Worker of a stack with others", () => {
  it("may only bind namespaces of its own account", () => {
    const stack = testStack();
    const shared = namespaceOf(stack, "Shared", { accountId: OTHER_ACCOUNT });

    expect(problemsOf(() => workerOf(stack, { kv: { SHARED: shared } }))).toEqual([
      `namespace 'dev/Shared' bound as 'SHARED' belongs to account ${OTHER_ACCOUNT}, the Worker to ${ACCOUNT}`,
    ]);
  });

  it("may bind a namespace that any construct defines", () => {
    const stack = testStack();
    const imported = KvNamespace.fromNamespaceId(stack, "Imported", ACCOUNT);
    const named = KvNamespace.fromNamespaceName(stack, "Named", "texts", { accountId: ACCOUNT });
    workerOf(stack, { kv: { IMPORTED: imported, NAMED: named } });

    expect(Object.keys(bindingsOf(stack))).toEqual(["IMPORTED", "NAMED"]);
    expectFitsProvider(stack);
  });
});

describe("props of a Worker that break rules", () => {
  it("are all reported at once, with the construct and its path", () => {
    const define = () =>
      workerOf(testStack(), {
        ...(untyped({ code: undefined, route: [] }) as object),
        accountId: "nope",
        workerName: "Shop_Api",
        vars: { "a-b": 1 },
        secrets: ["KV_DEFAULTS"],
        d1: { DB: {} },
        services: { DB: "x" },
        rateLimits: { LIMIT: { limit: 0, period: untyped(30), namespaceId: "a" } },
        bindings: [{ name: "KEY", type: "SECRET_TEXT", text: "hunter2" }],
        compatibilityDate: "2026-02-30",
        observability: { headSamplingRate: 2 },
        limits: { cpuMs: 0.5 },
        tailConsumers: ["-"],
        workersDevSubdomain: "me",
      });

    expect(define).toThrow(ValidationError);
    expect(define).toThrow(
      [
        "WorkerWithKvBindings at 'dev/Api':",
        "  - WorkerWithKvBindings has no field 'route' (did you mean 'routes'?)",
        "  - workerName must be 1 to 63 lower-case letters, digits and inner '-', got 'Shop_Api'",
        "  - tailConsumers must be 1 to 63 lower-case letters, digits and inner '-', got '-'",
        "  - compatibilityDate must be a day such as '2026-04-01', got '2026-02-30'",
        "  - observability: headSamplingRate must be 0 to 1, got 2",
        "  - limits: cpuMs must be a positive whole number of milliseconds, got 0.5",
        "  - workersDevSubdomain has no effect unless workersDev is true",
        "  - accountId must be 32 lower-case hexadecimal digits, got 'nope'",
        "  - binding names must be JavaScript identifiers, got 'a-b' (vars)",
        "  - binding 'KV_DEFAULTS' is defined twice: by this library and by secrets",
        "  - d1 'DB' must have either a databaseName to create or a databaseId to bind",
        "  - binding 'DB' is defined twice: by d1 and by services",
        "  - rateLimits 'LIMIT': limit must be a positive whole number, got 0",
        "  - rateLimits 'LIMIT': period must be 10 or 60 seconds, got 30",
        "  - rateLimits 'LIMIT': namespaceId must be a positive whole number as a string, got 'a'",
        "  - binding 'KEY' holds a secret's value, which would end up in cdktf.out: use secrets: [\"KEY\"]",
        "  - code is required, such as WorkerCode.fromEntry('src/worker.ts')",
      ].join("\n"),
    );
    expect(define).not.toThrow("hunter2");
  });

  it("of a wrong type are all reported at once", () => {
    const props = untyped({
      workerName: 1,
      code: "src/worker.ts",
      accountId: null,
      kv: { SESSIONS: ACCOUNT, CACHE: undefined, CONFIG: null, TEXTS: { namespaceId: ACCOUNT } },
      vars: { A: () => 1, B: Number.NaN, C: undefined, D: new Map(), E: 10n },
      secrets: { KEY: "hunter2" },
      d1: { DB: { databaseName: 1, readReplication: "on", preventDestroy: "no", id: "x" } },
      services: { API: {} },
      rateLimits: { LIMIT: { limit: "10" } },
      bindings: ["AI", { type: "ai" }, { name: "A", type: "plain_text", text: 1 }],
      routes: ["a.com/*", { pattern: "b.com/*" }, { pattern: "c.com/*", zoneId: 1, zone: "x" }],
      customDomains: { hostname: "a.com" },
      workersDev: "yes",
      workersDevSubdomain: 1,
      crons: "* * * * *",
      observability: { enabled: "yes", sampling: 1 },
      compatibilityDate: new Date(0),
      compatibilityFlags: "nodejs_compat",
      limits: {},
      placement: { mode: "fast" },
      logpush: 1,
      tailConsumers: [1],
      assets: { htmlHandling: "x", notFoundHandling: 1, runWorkerFirst: [1] },
      rollout: "gradual",
    });
    const problems = problemsOf(() => new WorkerWithKvBindings(testStack(), "Api", props));

    expect(problems).toMatchInlineSnapshot(`
     [
       "workerName must be a string, got 1",
       "code must be WorkerCode, such as WorkerCode.fromEntry('src/worker.ts'), got a string",
       "accountId must be a string, got null",
       "kv 'SESSIONS' must be a namespace, such as KvNamespace.fromNamespaceId(this, 'Sessions', '<id>'), got a string",
       "kv 'CACHE' must be a namespace, such as KvNamespace.fromNamespaceId(this, 'Sessions', '<id>'), got undefined",
       "kv 'CONFIG' must be a namespace, such as KvNamespace.fromNamespaceId(this, 'Sessions', '<id>'), got null",
       "kv 'TEXTS' must be a namespace, such as KvNamespace.fromNamespaceId(this, 'Sessions', '<id>'), got an object",
       "vars 'A' must be a JSON value, got a function",
       "vars 'B' must be a JSON value, got NaN",
       "vars 'C' must be a JSON value, got undefined",
       "vars 'D' must be a JSON value, got an object",
       "vars 'E' must be a JSON value, got a bigint",
       "secrets must be a list, got an object",
       "d1 'DB': databaseName must be a string, got 1",
       "d1 'DB': readReplication must be 'auto' or 'disabled', got 'on'",
       "d1 'DB': preventDestroy must be true or false, got a string",
       "services 'API' must be a Worker's name, or { service, entrypoint }, got an object",
       "rateLimits 'LIMIT': limit must be a number, got a string",
       "rateLimits 'LIMIT': period is required",
       "bindings[0] must be an object, got a string",
       "bindings[1]: name is required",
       "bindings[2]: text must be a string, got 1",
       "routes[0] must be an object, got a string",
       "route 'c.com/*': zoneId must be a string, got 1",
       "customDomains must be a list, got an object",
       "workersDev must be true or false, got a string",
       "workersDevSubdomain must be a string, got 1",
       "crons must be a list, got a string",
       "observability: enabled must be true or false, got a string",
       "compatibilityDate must be a string, got an object",
       "compatibilityFlags must be a list, got a string",
       "limits: cpuMs is required",
       "placement: mode must be 'smart', got 'fast'",
       "logpush must be true or false, got 1",
       "tailConsumers[0] must be a string, got 1",
       "assets: directory is required",
       "assets: htmlHandling must be 'auto-trailing-slash' or 'drop-trailing-slash' or 'force-trailing-slash' or 'none', got 'x'",
       "assets: notFoundHandling must be '404-page' or 'none' or 'single-page-application', got 1",
       "assets: runWorkerFirst must be true, false or a list of patterns, got a list",
       "rollout must be Rollout.allAtOnce() or Rollout.gradual([…])",
       "d1 'DB' has no field 'id'",
       "route 'c.com/*' has no field 'zone' (did you mean 'zoneId'?)",
       "observability has no field 'sampling'",
     ]
    `);
    expect(problems.join("\n")).not.toContain("hunter2");
  });

  it.each([
    ["nothing", undefined, "WorkerWithKvBindings must be an object, got undefined"],
    ["null", null, "WorkerWithKvBindings must be an object, got null"],
    ["a list", [], "WorkerWithKvBindings must be an object, got a list"],
    ["without a name", { accountId: ACCOUNT, code: CODE }, "workerName is required"],
  ])("that are %s are refused like others", (_, props, problem) => {
    expect(problemsOf(() => new WorkerWithKvBindings(testStack(), "Api", untyped(props)))).toEqual([problem]);
  });

  it("include a name that another Worker of the account has, in any stack of the app", () => {
    const stack = testStack();
    workerOf(stack);
    const other = stackBeside(stack, "prod");

    expect(problemsOf(() => workerOf(other))).toEqual([
      "workerName must be unique in the account, 'shop-api' is taken by 'dev/Api'",
    ]);
    expect(() => workerOf(other, { accountId: "f".repeat(32) }, "Elsewhere")).not.toThrow();
  });

  it.each(["a", "a".repeat(63), "shop-api-2"])("do not include the name '%s'", (workerName) => {
    expect(() => workerOf(testStack(), { workerName })).not.toThrow();
  });

  it.each(["", "a".repeat(64), "Shop", "shop_api", "-shop", "shop-", "shop.api"])(
    "include the name '%s'",
    (workerName) => {
      expect(problemsOf(() => workerOf(testStack(), { workerName }))).toEqual([
        `workerName must be 1 to 63 lower-case letters, digits and inner '-', got '${workerName}'`,
      ]);
    },
  );

  it.each(["", "2026-4-1", "2026-13-01", "tomorrow", "2026-04-01T00:00:00Z"])(
    "include the compatibility date '%s'",
    (compatibilityDate) => {
      expect(problemsOf(() => workerOf(testStack(), { compatibilityDate }))).toEqual([
        `compatibilityDate must be a day such as '2026-04-01', got '${compatibilityDate}'`,
      ]);
    },
  );
});
