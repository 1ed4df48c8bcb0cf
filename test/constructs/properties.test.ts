import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import fc from "fast-check";
import type { EnvironmentProps, EnvironmentSetProps } from "../../src/constructs/environment-props.js";
import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import { WorkerWithKvBindings } from "../../src/constructs/worker-with-kv-bindings.js";
import { ValidationError } from "../../src/errors.js";
import type { StackJson } from "../support/provider-schema.js";
import { expectFitsProvider, synthToJson, testApp, testStack } from "../support/synth.js";
import { ACCOUNT, CODE, OTHER_ACCOUNT, untyped, ZONE } from "./samples.js";

const RUNS = { numRuns: 15 };

/** Text as people write it, with what Terraform would take for templates. */
const prose = fc
  .array(
    fc.oneof(fc.string({ unit: "grapheme", maxLength: 2 }), fc.constantFrom("${x}", "%{y}", "$", "${", "é", '"')),
    {
      maxLength: 3,
    },
  )
  .map((parts) => parts.join("").normalize("NFC"));
const name = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const binding = fc.stringMatching(/^[A-Y][A-Z0-9]{0,6}$/).filter((one) => one !== "KV_DEFAULTS");
const ttlSeconds = fc.oneof(fc.constant(0), fc.integer({ min: 60, max: 2 ** 31 - 1 }));
const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => {
  const text = JSON.stringify(value);
  // Text that Terraform would change, and numbers that take hundreds of digits, are refused.
  return !text.includes("TfToken") && text === text.normalize("NFC") && !/e[+-]\d{3}|\uFEFF/.test(text);
});
const entry = fc.record(
  { key: prose.map((text) => `k${text}`), value: prose, metadata: json },
  { requiredKeys: ["key", "value"] },
);

const namespace = fc.record(
  {
    ttlSeconds,
    description: prose,
    preventDestroy: fc.boolean(),
    entries: fc.uniqueArray(entry, { maxLength: 3, selector: ({ key }) => key }),
    adopt: fc.constant(OTHER_ACCOUNT),
  },
  { requiredKeys: [] },
);
const vars = fc.dictionary(
  fc.stringMatching(/^v_[a-z0-9]{1,4}$/),
  json.filter((value) => value !== null),
  { maxKeys: 3 },
);
const routes = fc
  .uniqueArray(name, { maxLength: 3 })
  .map((hosts) => hosts.map((host) => ({ pattern: `${host}.example.com/*`, zoneId: ZONE })));
const flags = fc.uniqueArray(fc.constantFrom("nodejs_compat", "global_fetch_strictly_public", "x"), { maxLength: 3 });
const rollout = fc.integer({ min: 0, max: 100 }).map((percentage) =>
  Rollout.gradual(
    [
      { label: "a", percentage },
      { label: "b", percentage: 100 - percentage, code: WorkerCode.fromInline("export default 2;") },
    ],
    { mixedBindings: true },
  ),
);
const worker = fc.record(
  {
    code: fc.constant(CODE),
    vars,
    secrets: fc.uniqueArray(fc.stringMatching(/^s_[a-z]{1,3}$/), { maxLength: 2 }),
    compatibilityFlags: flags,
    routes,
    crons: fc.constant(["*/5 * * * *"]),
    workersDev: fc.boolean(),
    logpush: fc.boolean(),
    rollout,
  },
  { requiredKeys: ["code"] },
);

/** Sets without a problem: names without '-', so that no two can make the same. */
const sets: fc.Arbitrary<EnvironmentSetProps> = fc
  .record({
    namespaces: fc.dictionary(binding, namespace, { minKeys: 1, maxKeys: 4 }),
    worker: fc.option(worker, { nil: undefined }),
    environments: fc.dictionary(name, fc.constant(null), { minKeys: 1, maxKeys: 3 }),
  })
  .chain(({ namespaces, worker: common, environments }) => {
    const environment = fc.record(
      {
        accountId: fc.constant(OTHER_ACCOUNT),
        protect: fc.boolean(),
        developers: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
        namespaces: fc
          .dictionary(fc.constantFrom(...Object.keys(namespaces)), fc.oneof(fc.constant(false), namespace))
          .map((overrides) => ({ ...overrides })),
        ...(common !== undefined && { vars, routes, worker: fc.record({ vars }, { requiredKeys: [] }) }),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<EnvironmentProps>;
    return fc.record({
      app: fc.constant("shop"),
      accountId: fc.constant(ACCOUNT),
      namespaces: fc.constant(namespaces),
      ...(common !== undefined && { worker: fc.constant(common) }),
      environments: fc.record(Object.fromEntries(Object.keys(environments).map((one) => [one, environment]))),
    });
  })
  .map((set) => set as EnvironmentSetProps);

function define(set: EnvironmentSetProps): EnvironmentSet {
  return new EnvironmentSet(testApp(), "set", set);
}

/** The text of each stack, by its id; the app is synthesized once. */
function synthesize(set: EnvironmentSetProps): Map<string, string> {
  const { environments } = define(set);
  const [first] = environments;
  if (first === undefined) throw new Error("expected an environment");
  const app = App.of(first.stack);
  app.synth();
  const read = (path: string): string => readFileSync(join(app.outdir, path), "utf8");
  return new Map(
    environments.map(({ stack }) => [stack.node.id, read(app.manifest.forStack(stack).synthesizedStackPath)]),
  );
}

/** The addresses of everything in each stack. */
function addressesOf(set: EnvironmentSetProps): Map<string, Set<string>> {
  return new Map(
    [...synthesize(set)].map(([id, text]) => {
      const { resource = {}, variable = {}, output = {} } = JSON.parse(text) as StackJson;
      const addresses = Object.entries({ ...resource, variable, output }).flatMap(([type, byId]) =>
        Object.keys(byId).map((one) => `${type}.${one}`),
      );
      return [id, new Set(addresses)];
    }),
  );
}

/** What each stack of `set` has lost in `other`. */
function lost(set: EnvironmentSetProps, other: EnvironmentSetProps): string[] {
  const after = addressesOf(other);
  return [...addressesOf(set)].flatMap(([stack, addresses]) =>
    [...addresses].filter((address) => after.get(stack)?.has(address) !== true).map((one) => `${stack}: ${one}`),
  );
}

function reversed<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).reverse());
}

describe("a set without a problem", () => {
  it("is never refused, and always fits both providers", () => {
    fc.assert(
      fc.property(sets, (set) => {
        for (const text of synthesize(set).values()) expectFitsProvider(JSON.parse(text) as StackJson);
      }),
      RUNS,
    );
  });

  it("makes the same files each time", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const files = synthesize(set);

        expect(synthesize(set)).toEqual(files);
        expect([...files.values()].join("")).not.toContain(process.cwd());
      }),
      RUNS,
    );
  });

  it("keeps every address when namespaces, environments and list items are reordered", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const other = {
          ...set,
          namespaces: Object.fromEntries(
            Object.entries(reversed(set.namespaces)).map(([key, props]) => [
              key,
              { ...props, ...(props.entries && { entries: props.entries.toReversed() }) },
            ]),
          ),
          ...(set.worker && {
            worker: {
              ...set.worker,
              ...(set.worker.vars && { vars: reversed(set.worker.vars) }),
              ...(set.worker.routes && { routes: set.worker.routes.toReversed() }),
              ...(set.worker.secrets && { secrets: set.worker.secrets.toReversed() }),
            },
          }),
          environments: Object.fromEntries(
            Object.entries(reversed(set.environments)).map(([key, props]) => [
              key,
              { ...props, ...(props.developers && { developers: props.developers.toReversed() }) },
            ]),
          ),
        };

        expect(lost(set, other)).toEqual([]);
        expect(lost(other, set)).toEqual([]);
      }),
      RUNS,
    );
  });

  it("keeps every address when something unrelated is added, or removed again", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const [[first, firstNamespace] = ["", {}]] = Object.entries(set.namespaces);
        const more: EnvironmentSetProps = {
          ...set,
          namespaces: {
            ZADDED: { ttlSeconds: 60 },
            ...set.namespaces,
            [first]: {
              ...firstNamespace,
              entries: [{ key: "added", value: "x" }, ...(firstNamespace.entries ?? [])],
            },
          },
          ...(set.worker && {
            worker: {
              ...set.worker,
              vars: { added: 1, ...set.worker.vars },
              secrets: ["added_secret", ...(set.worker.secrets ?? [])],
              routes: [{ pattern: "added.example.com/x", zoneId: ZONE }, ...(set.worker.routes ?? [])],
            },
          }),
          environments: {
            addedlater: {},
            ...Object.fromEntries(
              Object.entries(set.environments).map(([key, props]) => [
                key,
                { ...props, ...(props.developers && { developers: ["addedlater", ...props.developers] }) },
              ]),
            ),
          },
        };
        const gone = lost(set, more);

        // A set's only namespace has an output of its own, which one more takes from it.
        expect(gone.filter((address) => !address.endsWith(": output.namespace_id"))).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe("props of any form", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withTypedArray: true,
    maxDepth: 2,
  });
  const oddValue = fc.oneof(
    anything,
    fc.constantFrom(
      undefined,
      null,
      "",
      "x",
      -1,
      0,
      1.5,
      Number.NaN,
      [],
      {},
      [null],
      { a: null },
      () => 1,
      Symbol("s"),
    ),
    fc.array(anything, { maxLength: 2 }),
    fc.dictionary(fc.string({ maxLength: 3 }), anything, { maxKeys: 2 }),
  );

  /** Defines, and synthesizes what was taken; anything but a ValidationError is a crash. */
  function takenOrRefused(defineIn: (props: unknown) => void): (props: unknown) => void {
    return (props) => {
      try {
        defineIn(props);
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        expect(error.problems.every((problem) => problem.length > 0)).toBe(true);
      }
    };
  }

  const asNamespace = takenOrRefused((props) => {
    const stack = testStack();
    new KvNamespace(stack, "Config", untyped(props));
    expectFitsProvider(stack);
  });
  const asWorker = takenOrRefused((props) => {
    const stack = testStack();
    new WorkerWithKvBindings(stack, "Api", untyped(props));
    synthToJson(stack);
  });
  const asSet = takenOrRefused((props) => {
    for (const { stack } of new EnvironmentSet(testApp(), "set", untyped(props)).environments) synthToJson(stack);
  });

  const NAMESPACE = { namespaceName: "shop", accountId: ACCOUNT };
  const WORKER = { workerName: "shop", accountId: ACCOUNT, code: CODE };
  const SET = { app: "shop", accountId: ACCOUNT, namespaces: { CACHE: {} }, environments: { dev: {} } };
  const field = (names: readonly string[]) => fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 5 }));

  it("define a namespace or are refused with what is wrong", () => {
    const fields = [
      "namespaceName",
      "accountId",
      "ttlSeconds",
      "description",
      "preventDestroy",
      "entries",
      "seed",
      "adopt",
    ];
    const entryField = field(["key", "value", "metadata", "base64"]);
    fc.assert(fc.property(oddValue, asNamespace), { numRuns: 100 });
    fc.assert(
      fc.property(field(fields), oddValue, (key, value) => asNamespace({ ...NAMESPACE, [key]: value })),
      { numRuns: 150 },
    );
    fc.assert(
      fc.property(entryField, oddValue, (key, value) =>
        asNamespace({ ...NAMESPACE, entries: [{ key: "k", value: "v", [key]: value }] }),
      ),
      { numRuns: 100 },
    );
  });

  it("define a Worker or are refused with what is wrong", () => {
    const fields = [
      ...["workerName", "code", "accountId", "kv", "vars", "secrets", "d1", "services", "rateLimits", "bindings"],
      ...["routes", "customDomains", "workersDev", "workersDevSubdomain", "crons", "observability"],
      ...["compatibilityDate", "compatibilityFlags", "limits", "placement", "logpush", "tailConsumers", "assets"],
      "rollout",
    ];
    const nested: Record<string, (key: string, value: unknown) => unknown> = {
      d1: (key, value) => ({ DB: { databaseName: "a", [key]: value } }),
      rateLimits: (key, value) => ({ LIMIT: { limit: 1, period: 10, [key]: value } }),
      routes: (key, value) => [{ pattern: "a.example.com/*", zoneId: ZONE, [key]: value }],
      customDomains: (key, value) => [{ hostname: "a.example.com", zoneId: ZONE, [key]: value }],
      observability: (key, value) => ({ [key]: value }),
      assets: (key, value) => ({ directory: "test/kv", [key]: value }),
      rollout: (key, value) => Rollout.gradual([untyped({ label: "v1", percentage: 100, [key]: value })]),
      bindings: (key, value) => [{ name: "A", type: "plain_text", [key]: value }],
    };
    const nestedField = field([
      ...["databaseId", "readReplication", "preventDestroy", "limit", "period", "namespaceId", "pattern", "zoneId"],
      ...["hostname", "enabled", "headSamplingRate", "directory", "binding", "htmlHandling", "runWorkerFirst"],
      ...["label", "percentage", "code", "versionId", "name", "type", "text"],
    ]);
    fc.assert(fc.property(oddValue, asWorker), { numRuns: 100 });
    fc.assert(
      fc.property(field(fields), oddValue, (key, value) => asWorker({ ...WORKER, [key]: value })),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(nested)), nestedField, oddValue, (outer, key, value) =>
        asWorker({ ...WORKER, [outer]: nested[outer]?.(key, value) }),
      ),
      { numRuns: 400 },
    );
  });

  it("define a set or are refused with what is wrong", () => {
    const fields = ["app", "accountId", "namespaces", "worker", "environments", "providerVersion", "naming", "backend"];
    const environmentFields = ["accountId", "protect", "namespaces", "worker", "vars", "routes", "developers"];
    fc.assert(fc.property(oddValue, asSet), { numRuns: 100 });
    fc.assert(
      fc.property(
        field(fields),
        oddValue.filter((value) => typeof value !== "function"),
        (key, value) => asSet({ ...SET, [key]: value }),
      ),
      { numRuns: 150 },
    );
    fc.assert(
      fc.property(field(environmentFields), oddValue, (key, value) =>
        asSet({ ...SET, environments: { dev: { [key]: value } } }),
      ),
      { numRuns: 150 },
    );
  });
});
