import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { testApp, testStack } from "../support/synth.js";
import { ACCOUNT, CODE, namespaceOf, problemsOf, untyped } from "./samples.js";
import { define } from "./environment-samples.js";

function problemsWith(props: unknown): readonly string[] {
  return problemsOf(() => define(untyped(props)));
}

describe("props of a set that break rules", () => {
  it("are all reported at once, with the construct and its path", () => {
    const broken = () =>
      define(
        untyped({
          app: "Shop_App",
          enviroments: {},
          namespaces: { CACHE: { purpose: "My Cache" }, cache: {}, Worker: { ttl: 60 } },
          worker: { code: CODE, accountId: ACCOUNT },
          environments: {
            Prod: { namespaces: { CACH: {}, SESSION: false, backend: {} }, regions: ["eu"] },
            dev: { developers: ["alice", "Bob", "alice"], worker: { route: [] } },
            staging: { worker: false, vars: { A: "b" }, routes: [], developers: [] },
          },
        }),
      );

    expect(broken).toThrow(
      [
        "EnvironmentSet at 'set':",
        "  - namespaces 'Worker' has no field 'ttl'",
        "  - worker has no field 'accountId'",
        "  - environment 'Prod' has no field 'regions'",
        "  - environment 'dev': worker has no field 'route' (did you mean 'routes'?)",
        "  - EnvironmentSet has no field 'enviroments' (did you mean 'environments'?)",
        "  - app must be lower-case letters and digits, joined by single '-', got 'Shop_App'",
        "  - namespaces 'CACHE': purpose must be lower-case letters and digits, joined by single '-', got 'My Cache'",
        "  - namespaces: 'Worker' cannot be a binding: the stack uses it as an id",
        "  - namespaces: 'cache' differs from another binding only in case, so their outputs would collide",
        "  - environment name must be lower-case letters and digits, joined by single '-', got 'Prod'",
        "  - environment 'Prod' overrides namespace 'CACH', which the set does not have (did you mean 'cache'?); " +
          "to add it, define it in the set's namespaces and leave it out elsewhere with false",
        "  - environment 'Prod' leaves out namespace 'SESSION', which the set does not have",
        "  - environment 'Prod': namespaces: 'backend' cannot be a binding: the stack uses it as an id",
        "  - environment 'dev': developer must be lower-case letters and digits, joined by single '-', got 'Bob'",
        "  - environment 'dev' names developer 'alice' twice",
        "  - environment 'staging': developers must not be empty: remove it to get one stack",
        "  - environment 'staging' has vars, but no worker that uses them",
        "  - environment 'staging' has routes, but no worker that uses them",
      ].join("\n"),
    );
  });

  it.each<[string, unknown, string]>([
    ["no environment", { environments: {} }, "environments must have at least one environment"],
    [
      "a namespace left out by a misspelt name",
      { environments: { dev: { namespaces: { CACH: false } } } },
      "environment 'dev' leaves out namespace 'CACH', which the set does not have (did you mean 'CACHE'?)",
    ],
    [
      "two stacks of one name",
      { environments: { dev: { developers: ["alice"] }, "dev-alice": {} } },
      "two environments make the stack 'shop-dev-alice': rename one of them, or the developer",
    ],
    [
      "added namespaces that differ by case",
      { environments: { dev: { namespaces: { Fixtures: {}, FIXTURES: {} } } } },
      "environment 'dev': namespaces: 'FIXTURES' differs from another binding only in case, so their outputs would collide",
    ],
    [
      "a namespace beside one of the Worker's of the same name",
      { environments: { dev: { worker: { code: CODE, kv: { CACHE: namespaceOf(testStack(), "Cache") } } } } },
      "environment 'dev': binding 'CACHE' is defined twice: by namespaces and by the worker's kv",
    ],
    [
      "routes of two kinds",
      { environments: { dev: { worker: { code: CODE, routes: [] }, routes: [] } } },
      "environment 'dev' defines routes twice: its own and its worker's",
    ],
    [
      "an output's name as binding",
      { namespaces: { namespace_ids: {} } },
      "namespaces: 'namespace_ids' cannot be a binding: the stack uses it as an id",
    ],
    [
      "an output's name as binding, too",
      { namespaces: { a_namespace_id: {} } },
      "namespaces: 'a_namespace_id' cannot be a binding: the stack uses it as an id",
    ],
  ])("have %s", (_, props, problem) => {
    expect(problemsWith(props)).toEqual([problem]);
  });

  it("of a wrong type are all reported at once", () => {
    const problems = problemsWith({
      app: 1,
      accountId: null,
      namespaces: { CACHE: null, SESSIONS: false, KV: { ttlSeconds: "60", purpose: 1, entries: [{ key: 1 }] } },
      worker: { code: "src/worker.ts", vars: [] },
      environments: {
        dev: null,
        staging: { protect: "yes", developers: "alice", vars: { A: undefined }, routes: [{}], worker: true },
        prod: { namespaces: { CACHE: true, KV: { seed: "x" } }, accountId: 1 },
      },
      naming: "{app}-{env}",
      backend: "s3",
      configure: {},
      providerVersion: 5,
    });

    expect(problems).toMatchInlineSnapshot(`
     [
       "app must be a string, got 1",
       "namespaces 'CACHE' must be an object, got null",
       "namespaces 'SESSIONS' must be an object, got false",
       "namespaces 'KV': ttlSeconds must be a number, got a string",
       "namespaces 'KV': entries[0]: key must be a string, got 1",
       "namespaces 'KV': entries[0]: value is required",
       "namespaces 'KV': purpose must be a string, got 1",
       "worker: code must be WorkerCode, such as WorkerCode.fromEntry('src/worker.ts'), got a string",
       "worker: vars must be an object, got a list",
       "environment 'dev' must be an object, got null",
       "environment 'staging': protect must be true or false, got a string",
       "environment 'staging': worker must be an object, got true",
       "environment 'staging': vars 'A' must be a JSON value, got undefined",
       "environment 'staging': routes[0]: pattern is required",
       "environment 'staging': developers must be a list, got a string",
       "environment 'prod': accountId must be a string, got 1",
       "environment 'prod': namespaces 'CACHE' must be an object, got true",
       "environment 'prod': namespaces 'KV': seed must be a list, got a string",
       "accountId must be a string, got null",
       "naming must be a function, got a string",
       "backend must be a function, got a string",
       "configure must be a function, got an object",
       "providerVersion must be a string, got 5",
     ]
    `);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "shop"],
  ])("cannot be %s", (_, props) => {
    const problems = problemsOf(() => new EnvironmentSet(testApp(), "set", untyped(props)));

    expect(problems).toEqual([expect.stringMatching(/^EnvironmentSet must be an object, got /)]);
  });

  it("cannot be without app, namespaces and environments", () => {
    expect(problemsOf(() => new EnvironmentSet(testApp(), "set", untyped({})))).toEqual([
      "app is required",
      "namespaces is required",
      "environments is required",
    ]);
  });

  it("cannot make stacks inside of a stack, or twice", () => {
    const props = { app: "shop", accountId: ACCOUNT, namespaces: {}, environments: { dev: {} } };
    const app = testApp();
    new EnvironmentSet(app, "set", props);

    expect(problemsOf(() => new EnvironmentSet(testStack(), "set", props))).toEqual([
      "EnvironmentSet must be defined in the App, or in a construct of the App that is not in a stack: it creates stacks",
    ]);
    expect(problemsOf(() => new EnvironmentSet(app, "again", props))).toEqual([
      "the app already has a stack 'shop-dev': choose another app name, or rename the environment",
    ]);
  });
});
