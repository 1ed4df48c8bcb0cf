import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { App, TerraformVariable } from "cdktf";
import { readAssembly } from "../../src/assembly/index.js";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { ValidationError } from "../../src/errors.js";
import {
  expectFitsProvider,
  readable,
  resourcesOf,
  synthToJson,
  testStack,
  workingDirectoryOf,
} from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";
import {
  ACCOUNT,
  namespaceOf,
  onlyResource,
  OTHER_ACCOUNT,
  problemsOf,
  stackBeside,
  untyped,
  workerOf,
} from "./samples.js";

const TYPE = "cloudflare_workers_kv_namespace";
const ENTRY = "cloudflare_workers_kv";
const files = tempDirs();

/** What the assembly says of namespaces beyond Terraform's attributes. */
function recordsOf(stack: Parameters<typeof synthToJson>[0]): unknown {
  const { cfkv } = synthToJson(stack)["//"] as { cfkv: { namespaces: unknown } };
  return cfkv.namespaces;
}

describe("a namespace", () => {
  it("is protected, and lets go of its Worker before it is destroyed", () => {
    const stack = testStack();
    new KvNamespace(stack, "Sessions", { accountId: ACCOUNT, namespaceName: "shop-sessions-dev" });

    expect(readable(synthToJson(stack))).toMatchInlineSnapshot(`
     {
       "//": {
         "cfkv": {
           "namespaces": {
             "Sessions_8896A56D": {},
           },
           "version": 1,
           "workers": {},
         },
       },
       "provider": {
         "cloudflare": [
           {},
         ],
       },
       "resource": {
         "cloudflare_workers_kv_namespace": {
           "Sessions_8896A56D": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "lifecycle": {
               "create_before_destroy": true,
               "prevent_destroy": true,
             },
             "title": "shop-sessions-dev",
           },
         },
       },
       "terraform": {
         "required_providers": {
           "cloudflare": {
             "source": "cloudflare/cloudflare",
             "version": ">= 5.16.0, < 6.0.0",
           },
         },
       },
     }
    `);
    expectFitsProvider(stack);
  });

  it("with every prop becomes a namespace, its entries, an import and a record", () => {
    const stack = testStack();
    const namespace = new KvNamespace(stack, "Config", {
      accountId: ACCOUNT,
      namespaceName: "shop-config",
      ttlSeconds: 3600,
      description: "Settings",
      preventDestroy: false,
      entries: [{ key: "mode", value: "normal", metadata: { by: "ops" } }],
      seed: [files.write("config.json", '[{ "key": "a", "value": "b" }]')],
      adopt: OTHER_ACCOUNT,
    });
    const json = readable(synthToJson(stack));

    expect({ resource: json.resource, import: json.import }).toMatchInlineSnapshot(`
     {
       "import": [
         {
           "id": "0123456789abcdef0123456789abcdef/ffffffffffffffffffffffffffffffff",
           "to": "cloudflare_workers_kv_namespace.Config_57D1D894",
         },
       ],
       "resource": {
         "cloudflare_workers_kv": {
           "Config_Entry-e642b12901a6_487B33DB": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "key_name": "mode",
             "metadata": "{"by":"ops"}",
             "namespace_id": "\${cloudflare_workers_kv_namespace.Config_57D1D894.id}",
             "value": "normal",
           },
         },
         "cloudflare_workers_kv_namespace": {
           "Config_57D1D894": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "lifecycle": {
               "create_before_destroy": true,
               "prevent_destroy": false,
             },
             "title": "shop-config",
           },
         },
       },
     }
    `);
    expect(recordsOf(stack)).toEqual({
      Config_57D1D894: {
        ttlSeconds: 3600,
        description: "Settings",
        seed: [expect.stringMatching(/^assets\/[^/]+\/[0-9A-F]{32}\/config\.json$/)],
      },
    });
    expect(namespace).toMatchObject({
      namespaceName: "shop-config",
      accountId: ACCOUNT,
      ttlSeconds: 3600,
      description: "Settings",
    });
    expectFitsProvider(stack);
  });

  it("takes its account from the environment variable when props name none", () => {
    process.env["CLOUDFLARE_ACCOUNT_ID"] = OTHER_ACCOUNT;
    try {
      const stack = testStack();
      new KvNamespace(stack, "Sessions", { namespaceName: "shop-sessions" });

      expect(onlyResource(stack, TYPE)["account_id"]).toBe(OTHER_ACCOUNT);
    } finally {
      delete process.env["CLOUDFLARE_ACCOUNT_ID"];
    }
  });

  it("without an account says how to give one", () => {
    expect(problemsOf(() => new KvNamespace(testStack(), "Sessions", { namespaceName: "shop" }))).toEqual([
      "accountId is required: pass it, or set the environment variable CLOUDFLARE_ACCOUNT_ID when synthesizing",
    ]);
  });

  it("may have a name and an account that only applying resolves", () => {
    const stack = testStack();
    const name = new TerraformVariable(stack, "name", { type: "string" });
    const account = new TerraformVariable(stack, "account", { type: "string" });
    namespaceOf(stack, "Sessions", { accountId: account.stringValue, namespaceName: `shop-${name.stringValue}` });

    expect(onlyResource(stack, TYPE)).toMatchObject({ account_id: "${var.account}", title: "shop-${var.name}" });
    expectFitsProvider(stack);
  });

  it("hands texts to Terraform as they are written, not as templates", () => {
    const stack = testStack();
    namespaceOf(stack, "Sessions", {
      namespaceName: "a ${b} %{c}",
      description: "d ${e} %{f}",
      entries: [{ key: "g ${h} %{i}", value: "j ${k} %{l}", metadata: { m: "n ${o} %{p}" } }],
    });

    expect(onlyResource(stack, TYPE)["title"]).toBe("a $${b} %%{c}");
    expect(recordsOf(stack)).toEqual({ Sessions_8896A56D: { description: "d $${e} %%{f}" } });
    expect(onlyResource(stack, ENTRY)).toMatchObject({
      key_name: "g $${h} %%{i}",
      value: "j $${k} %%{l}",
      metadata: '{"m":"n $${o} %%{p}"}',
    });
    expectFitsProvider(stack);
  });

  it("may keep the Terraform address it had before", () => {
    const stack = testStack();
    const sessions = namespaceOf(stack, "Sessions", { ttlSeconds: 60, entries: [{ key: "a", value: "b" }] });
    sessions.resource.overrideLogicalId("mine");
    workerOf(stack, { kv: { SESSIONS: sessions } });

    expect(recordsOf(stack)).toEqual({ mine: { ttlSeconds: 60 } });
    expect(Object.keys(resourcesOf(stack, TYPE))).toEqual(["mine"]);
    expect(onlyResource(stack, ENTRY)["namespace_id"]).toBe("${cloudflare_workers_kv_namespace.mine.id}");
    expectFitsProvider(stack);
  });

  it("has one reference to its id, however often it is read, as cdktf tells references by their identity", () => {
    const namespace = namespaceOf(testStack(), "Sessions");

    expect(namespace.namespaceId).toBe(namespace.namespaceId);
  });

  it("says nothing of a TTL of 0", () => {
    const stack = testStack();
    namespaceOf(stack, "Sessions", { ttlSeconds: 0 });

    expect(recordsOf(stack)).toEqual({ Sessions_8896A56D: {} });
  });
});

describe("the entries of a namespace", () => {
  const entries = [
    { key: "a/b", value: "1" },
    { key: "c", value: "2" },
  ];

  it("have ids that follow their keys alone", () => {
    const ids = (...keys: string[]) => {
      const stack = testStack();
      namespaceOf(stack, "Config", { entries: keys.map((key) => ({ key, value: "v" })) });
      return Object.entries(resourcesOf(stack, ENTRY)).map(([id, { key_name: key }]) => [key, id]);
    };
    const all = Object.fromEntries(ids("a/b", "c", "d")) as Record<string, string>;

    expect(Object.fromEntries(ids("d", "a/b"))).toEqual({ d: all["d"], "a/b": all["a/b"] });
  });

  it("have ids that follow what a reference stands for, not how many came before it", () => {
    const idOf = (before: number) => {
      const stack = testStack();
      const variable = new TerraformVariable(stack, "tenant", { type: "string" });
      Array.from({ length: before }, (_, index) => new TerraformVariable(stack, `x${index}`, {}).stringValue);
      namespaceOf(stack, "Config", { entries: [{ key: `tenant:${variable.stringValue}`, value: "v" }] });
      return Object.keys(resourcesOf(stack, ENTRY));
    };

    expect(idOf(3)).toEqual(idOf(0));
  });

  it("are given later by the same rules, and read as a copy", () => {
    const stack = testStack();
    const namespace = namespaceOf(stack, "Config", { entries: entries.slice(0, 1) });
    namespace.addEntry({ key: "c", value: "2" });
    (namespace.entries as unknown[]).length = 0;

    expect(namespace.entries).toEqual(entries);
    expect(Object.values(resourcesOf(stack, ENTRY)).map(({ key_name: key }) => key)).toEqual(["c", "a/b"]);
    expect(problemsOf(() => namespace.addEntry({ key: "c", value: "3" }))).toEqual(["entry 'c' is defined twice"]);
    expect(problemsOf(() => namespace.addEntry({ key: "..", value: "" }))).toEqual([
      "entry '..': key must not be '..': Cloudflare reads it as a path",
    ]);
    expectFitsProvider(stack);
  });

  it("are at most 100, given at once or later", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, value: "v" }));
    const namespace = namespaceOf(testStack(), "Config", { entries: hundred });
    const problem =
      "entries must be at most 100, got 101: put them into one of the namespace's seed files, which 'cfkv seed' writes";

    expect(problemsOf(() => namespace.addEntry({ key: "one", value: "more" }))).toEqual([problem]);
    expect(
      problemsOf(() => namespaceOf(testStack(), "Config", { entries: [...hundred, { key: "one", value: "more" }] })),
    ).toEqual([problem]);
  });

  it.each<[string, unknown, string]>([
    [
      "a TTL",
      { key: "a", value: "b", expirationTtl: 60 },
      "entry 'a': expirationTtl cannot be stored by Terraform: put it into one of the namespace's seed files, which 'cfkv seed' writes",
    ],
    [
      "the API's word for a TTL",
      { key: "a", value: "b", expiration_ttl: 60 },
      "entry 'a': expiration_ttl cannot be stored by Terraform: put it into one of the namespace's seed files, which 'cfkv seed' writes",
    ],
    [
      "base64",
      { key: "a", value: "b", base64: true },
      "entry 'a': base64 cannot be stored by Terraform: put it into one of the namespace's seed files, which 'cfkv seed' writes",
    ],
    [
      "a binary value",
      { key: "a", value: new Uint8Array(2) },
      "entry 'a': value must be a string, got object: put it into one of the namespace's seed files, which 'cfkv seed' writes",
    ],
    [
      "a key that Terraform would change",
      { key: "cafe\u0301", value: "b" },
      "entry 'cafe\u0301': key must be in Unicode's composed form (NFC), into which Terraform would change it: " +
        "put it into one of the namespace's seed files, which 'cfkv seed' writes",
    ],
    [
      "a value that Terraform would change",
      { key: "a", value: "cafe\u0301" },
      "entry 'a': value must be in Unicode's composed form (NFC), into which Terraform would change it: " +
        "put it into one of the namespace's seed files, which 'cfkv seed' writes",
    ],
    [
      "a long key",
      { key: "é".repeat(257), value: "b" },
      `entry '${"é".repeat(257)}': key must have at most 512 UTF-8 bytes, got 514`,
    ],
    [
      "much metadata",
      { key: "a", value: "b", metadata: "m".repeat(1023) },
      "entry 'a': metadata must have at most 1024 bytes as JSON, got 1025",
    ],
    [
      "a date as metadata",
      { key: "a", value: "b", metadata: new Date(0) },
      "entry 'a': metadata must be a JSON value, got an object",
    ],
    ["an unknown field", { key: "a", value: "b", meta: 1 }, "entry 'a' has no field 'meta'"],
    [
      "a misspelt field",
      { key: "a", value: "b", metdata: 1 },
      "entry 'a' has no field 'metdata' (did you mean 'metadata'?)",
    ],
    ["no key", { value: "b" }, "entries[0]: key is required"],
    ["nothing", null, "entries[0] must be an object, got null"],
  ])("refuse %s", (_, entry, problem) => {
    const props = untyped({ entries: [entry] });

    expect(problemsOf(() => namespaceOf(testStack(), "Config", props))).toEqual([problem]);
  });

  it("refuse a key given twice, and a value over 25 MiB", () => {
    const value = "x".repeat(25 * 1024 * 1024 + 1);

    expect(
      problemsOf(() =>
        namespaceOf(testStack(), "Config", {
          entries: [
            { key: "a", value: "1" },
            { key: "a", value },
            { key: "a", value: "3" },
          ],
        }),
      ),
    ).toEqual([
      "entry 'a': value must have at most 26214400 bytes (25 MiB), got 26214401",
      "entry 'a' is defined twice",
    ]);
  });
});

describe("the seed of a namespace", () => {
  it("is copied into the assembly, whatever else its files are called", () => {
    const seed = [files.write("a-b.json", "one"), files.write("a_b.json", "two")];
    const stack = testStack();
    namespaceOf(stack, "Config", { seed });
    const [record] = Object.values(recordsOf(stack) as Record<string, { seed: string[] }>);

    expect(record?.seed.map((path) => readFileSync(join(workingDirectoryOf(stack), path), "utf8"))).toEqual([
      "one",
      "two",
    ]);
  });

  it("has paths that follow each file alone", () => {
    const seed = ["a.json", "b.json", "c.json"].map((name) => files.write(name, name));
    const pathsOf = (given: string[]) => {
      const stack = testStack();
      namespaceOf(stack, "Config", { seed: given });
      return Object.values(recordsOf(stack) as Record<string, { seed: string[] }>)[0]?.seed ?? [];
    };

    expect(pathsOf(seed.slice(1).reverse())).toEqual(pathsOf(seed).slice(1).reverse());
  });

  it("must be files that exist, each once", () => {
    const file = files.write("a.json", "[]");
    const missing = files.path("missing.json");
    const seed = [file, missing, files.path(), relative(process.cwd(), file)];

    expect(existsSync(missing)).toBe(false);
    expect(problemsOf(() => namespaceOf(testStack(), "Config", { seed }))).toEqual([
      `seed file '${missing}' does not exist`,
      `seed must name files, '${files.path()}' is a directory`,
      `seed file '${relative(process.cwd(), file)}' is listed twice`,
    ]);
  });
});

describe("a namespace's name", () => {
  it("is unique in an account of the app, over all stacks", () => {
    const stack = testStack();
    namespaceOf(stack, "Sessions", { namespaceName: "shop" });
    const other = stackBeside(stack, "prod");

    expect(problemsOf(() => namespaceOf(other, "Cache", { namespaceName: "shop" }))).toEqual([
      "namespaceName must be unique in the account, 'shop' is taken by 'dev/Sessions'",
    ]);
  });

  it("may be taken in another account, or in another app", () => {
    const stack = testStack();
    namespaceOf(stack, "Sessions", { namespaceName: "shop" });

    expect(() => namespaceOf(stack, "Cache", { namespaceName: "shop", accountId: OTHER_ACCOUNT })).not.toThrow();
    expect(() => namespaceOf(testStack(), "Sessions", { namespaceName: "shop" })).not.toThrow();
  });
});

describe("props that break rules", () => {
  it("are all reported at once, with the construct and its path", () => {
    const define = () =>
      new KvNamespace(
        testStack(),
        "Sessions",
        untyped({
          accountId: "nope",
          namespaceName: " ",
          ttlSeconds: 30,
          description: "x".repeat(257),
          entries: [{ key: "", value: "" }],
          seed: ["missing.json"],
          adopt: "ABC",
          ttl: 60,
        }),
      );

    expect(define).toThrow(ValidationError);
    expect(define).toThrow(
      [
        "KvNamespace at 'dev/Sessions':",
        "  - KvNamespace has no field 'ttl'",
        "  - accountId must be 32 lower-case hexadecimal digits, got 'nope'",
        "  - namespaceName must not be empty",
        "  - ttlSeconds must be 0 or at least 60 seconds, got 30",
        "  - description must have at most 256 characters, got 257",
        "  - entry '': key must not be empty",
        `  - seed file 'missing.json' does not exist in ${process.cwd()}`,
        "  - adopt must be a namespace's id of 32 lower-case hexadecimal digits, got 'ABC'",
      ].join("\n"),
    );
  });

  it("of a wrong type are all reported at once", () => {
    const props = untyped({
      namespaceName: 42,
      accountId: null,
      ttlSeconds: "3600",
      description: ["x"],
      preventDestroy: "yes",
      entries: { key: "a" },
      seed: "seed.json",
      adopt: 1,
      descripton: "x",
    });

    expect(problemsOf(() => new KvNamespace(testStack(), "Sessions", props))).toMatchInlineSnapshot(`
     [
       "namespaceName must be a string, got 42",
       "accountId must be a string, got null",
       "ttlSeconds must be a number, got a string",
       "description must be a string, got a list",
       "preventDestroy must be true or false, got a string",
       "entries must be a list, got an object",
       "seed must be a list, got a string",
       "adopt must be a string, got 1",
       "KvNamespace has no field 'descripton' (did you mean 'description'?)",
     ]
    `);
  });

  it.each([
    ["nothing", undefined, "KvNamespace must be an object, got undefined"],
    ["null", null, "KvNamespace must be an object, got null"],
    ["a text", "shop", "KvNamespace must be an object, got a string"],
    ["no name", { accountId: ACCOUNT }, "namespaceName is required"],
    ["an undefined name", { accountId: ACCOUNT, namespaceName: undefined }, "namespaceName is required"],
  ])("that are %s are refused like others", (_, props, problem) => {
    expect(problemsOf(() => new KvNamespace(testStack(), "Sessions", untyped(props)))).toEqual([problem]);
  });

  it("are left out when optional fields are undefined", () => {
    const stack = testStack();
    const undefinedFields = { ttlSeconds: undefined, description: undefined, entries: undefined, seed: undefined };
    namespaceOf(stack, "Sessions", untyped({ ...undefinedFields, preventDestroy: undefined, adopt: undefined }));

    expect(onlyResource(stack, TYPE)).toMatchObject({ lifecycle: { prevent_destroy: true } });
  });

  it("cannot leave to applying what must be known before", () => {
    const stack = testStack();
    const ttl = new TerraformVariable(stack, "ttl", { type: "number" });
    const text = new TerraformVariable(stack, "text", { type: "string" });
    const props = { ttlSeconds: ttl.numberValue, description: text.stringValue, seed: [text.stringValue] };

    expect(problemsOf(() => namespaceOf(stack, "Sessions", props))).toEqual([
      "ttlSeconds must be known when synthesizing, got a reference that is resolved only on apply",
      "description must be known when synthesizing, got a reference that is resolved only on apply",
      "seed[0] must be known when synthesizing, got a reference that is resolved only on apply",
    ]);
  });
});

describe("what is known about the keys and the use of a namespace", () => {
  const keys = { "session:{token}": "Who is logged in", "price-${id}": "A price in ${currency}" };
  const workload = { cache: { requestsPerSecond: 80, hitRate: 0.9 } };

  it("travels in the assembly, and comes out as it was written", () => {
    const stack = testStack();
    namespaceOf(stack, "Sessions", { keys, workload });
    KvNamespace.fromNamespaceId(stack, "Old", "a".repeat(32), { keys, workload });
    KvNamespace.fromNamespaceName(stack, "Legacy", "legacy", { accountId: ACCOUNT, keys, workload });

    const app = App.of(stack);
    app.synth();
    const { namespaces } = readAssembly(app.outdir).stacks[0] ?? { namespaces: [] };
    expect(namespaces.map((namespace) => [namespace.keys, namespace.workload])).toEqual(
      Array.from({ length: 3 }, () => [keys, workload]),
    );
  });

  it("is checked as a whole", () => {
    const wrong = {
      keys: { "a:{": "", "b:{id}": "x".repeat(257) },
      workload: { cache: { requestsPerSecond: -1, keys: 0.5 }, sessions: { startedPerDay: 1, logoutRate: 2 } },
    };
    expect(problemsOf(() => namespaceOf(testStack(), "Sessions", wrong))).toEqual([
      "pattern 'a:{' has a brace without its counterpart",
      "keys 'b:{id}': description must have at most 256 characters, got 257",
      "workload.cache.requestsPerSecond must be at least 0, got -1",
      "workload.cache.keys must be at least 1, got 0.5",
      "workload.sessions.logoutRate must be at most 1, got 2",
    ]);
    expect(problemsOf(() => namespaceOf(testStack(), "A", { workload: { cache: { requestsPerSecond: 1 } } }))).toEqual([
      "workload.cache must have hitRate, or keys from which it follows",
    ]);
    const misspelt = untyped({ workload: { cach: {}, cache: { requestsPerSecond: "80" } } });
    expect(problemsOf(() => namespaceOf(testStack(), "B", misspelt))).toEqual([
      "workload: cache: requestsPerSecond must be a number, got a string",
      "workload has no field 'cach' (did you mean 'cache'?)",
    ]);
  });
});
