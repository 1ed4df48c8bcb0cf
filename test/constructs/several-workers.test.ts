import { Rollout } from "../../src/constructs/rollout.js";
import type { EnvironmentSetProps } from "../../src/constructs/environment-props.js";
import { CodedError } from "../../src/errors.js";
import { expectFitsProvider, resourcesOf, synthToJson } from "../support/synth.js";
import type { Json } from "../support/provider-schema.js";
import { define, only } from "./environment-samples.js";
import { CODE, problemsOf, untyped, ZONE } from "./samples.js";

const SCRIPT = "cloudflare_workers_script";
const SUBDOMAIN = "cloudflare_workers_script_subdomain";

/** Each script by its name. */
function scriptsOf(props: Partial<EnvironmentSetProps>): Record<string, Json> {
  const { stack } = only(props);
  return Object.fromEntries(
    Object.values(resourcesOf(stack, SCRIPT)).map((script) => [String(script["script_name"]), script]),
  );
}

function bindingsIn(script: Json | undefined): Record<string, Json> {
  const list = (script?.["bindings"] ?? []) as (Json & { readonly name: string })[];
  return Object.fromEntries(list.map((binding) => [binding.name, binding]));
}

describe("the workers of a set", () => {
  it("are named after app, worker and environment, and bound to all namespaces", () => {
    const set = define({
      workers: { api: { code: CODE }, "order-jobs": { code: CODE } },
      environments: { dev: { developers: ["ada"] }, prod: {} },
    });
    const names = set.environments.map(({ stack }) =>
      Object.values(resourcesOf(stack, SCRIPT)).map((script) => [
        script["script_name"],
        Object.keys(bindingsIn(script)),
      ]),
    );
    expect(names).toEqual([
      [
        ["shop-api-dev-ada", ["CACHE", "SESSIONS"]],
        ["shop-order-jobs-dev-ada", ["CACHE", "SESSIONS"]],
      ],
      [
        ["shop-api-prod", ["CACHE", "SESSIONS"]],
        ["shop-order-jobs-prod", ["CACHE", "SESSIONS"]],
      ],
    ]);
  });

  it("have their own addresses, crons, secrets and outputs", () => {
    const environment = only({
      worker: { code: CODE, secrets: ["KEY"] },
      workers: {
        api: { code: CODE, secrets: ["KEY"], routes: [{ pattern: "shop.example.com/api/*", zoneId: ZONE }] },
        "order-jobs": { code: CODE, crons: ["0 * * * *"], workersDev: true },
      },
    });
    const json = synthToJson(environment.stack);
    expect(Object.keys(json.variable ?? {})).toEqual(["api_key", "worker_key"]);
    expect(Object.keys(json.output ?? {})).toEqual([
      "api_worker_name",
      "api_worker_urls",
      "cache_namespace_id",
      "namespace_ids",
      "order_jobs_worker_name",
      "order_jobs_worker_urls",
      "sessions_namespace_id",
      "worker_name",
      "worker_names",
      "worker_urls",
    ]);
    expect(json.output?.["api_worker_urls"]).toMatchObject({ value: ["https://shop.example.com/api/"] });
    const [api] = Object.keys(resourcesOf(environment.stack, SCRIPT)).filter((id) => id.startsWith("api"));
    expect(Object.values(json.resource?.["cloudflare_workers_route"] ?? {})).toMatchObject([
      { pattern: "shop.example.com/api/*", script: `\${${SCRIPT}.${String(api)}.script_name}` },
    ]);
    expect(Object.values(json.resource?.[SUBDOMAIN] ?? {})).toHaveLength(1);
    expectFitsProvider(environment.stack);
  });

  it("leave every address of a worker beside them as it was", () => {
    const worker = { code: CODE, d1: { DB: {} }, secrets: ["KEY"], crons: ["0 * * * *"], workersDev: true };
    const alone = synthToJson(only({ worker }).stack);
    const beside = synthToJson(only({ worker, workers: { jobs: { code: CODE } } }).stack);
    for (const [type, blocks] of Object.entries(alone.resource ?? {})) {
      expect(beside.resource?.[type]).toMatchObject(blocks);
    }
    expect(beside.variable).toMatchObject(alone.variable ?? {});
    expect(beside.output).toMatchObject(alone.output ?? {});
  });

  it("are reached by their names", () => {
    const environment = only({ worker: { code: CODE }, workers: { api: { code: CODE }, jobs: { code: CODE } } });
    expect(Object.keys(environment.workers)).toEqual(["api", "jobs"]);
    expect(environment.workerNamed("jobs")).toBe(environment.workers["jobs"]);
    expect(environment.worker?.node.id).toBe("Worker");
    expect(() => environment.workerNamed("job")).toThrow(
      new CodedError("UNKNOWN_WORKER", "environment 'dev' has no worker 'job' (did you mean 'jobs'?)"),
    );
  });

  it("are recorded in the assembly by their names", () => {
    const { "//": comment } = synthToJson(only({ worker: { code: CODE }, workers: { api: { code: CODE } } }).stack);
    const { workers } = (comment as { readonly cfkv: { readonly workers: Record<string, { key?: string }> } }).cfkv;
    expect(Object.values(workers).map(({ key }) => key)).toEqual([undefined, "api"]);
  });

  it("may be changed, added and left out by an environment", () => {
    const set = define({
      workers: { api: { code: CODE, logpush: true }, jobs: { code: CODE } },
      environments: {
        dev: { workers: { jobs: false, playground: { code: CODE } } },
        prod: { vars: { LEVEL: "warn" }, workers: { api: { vars: { MODE: "live" }, workerName: "legacy-api" } } },
      },
    });
    const of = (name: string) => Object.keys(set.environment(name).workers);
    expect(of("dev")).toEqual(["api", "playground"]);
    expect(of("prod")).toEqual(["api", "jobs"]);
    const prod = Object.values(resourcesOf(set.environment("prod").stack, SCRIPT));
    expect(prod.map((script) => [script["script_name"], script["logpush"]])).toEqual([
      ["legacy-api", true],
      ["shop-jobs-prod", false],
    ]);
    expect(prod.map((script) => Object.keys(bindingsIn(script)))).toEqual([
      ["CACHE", "LEVEL", "MODE", "SESSIONS"],
      ["CACHE", "LEVEL", "SESSIONS"],
    ]);
  });
});

describe("workers that call each other", () => {
  it("come after those that they call, in whatever order they are declared", () => {
    const scripts = scriptsOf({
      worker: { code: CODE, services: { API: { worker: "api" } } },
      workers: {
        api: { code: CODE, services: { JOBS: { worker: "jobs", entrypoint: "Admin" } } },
        jobs: { code: CODE, services: { SELF: { worker: "jobs" }, OTHER: { service: "mail" } } },
      },
    });
    const nameOf = (name: string) =>
      expect.stringMatching(new RegExp(`^\\$\\{${SCRIPT}\\.${name}_\\w+\\.script_name\\}$`)) as unknown;
    expect(bindingsIn(scripts["shop-dev"])["API"]).toEqual({ name: "API", type: "service", service: nameOf("api") });
    expect(bindingsIn(scripts["shop-api-dev"])["JOBS"]).toEqual({
      name: "JOBS",
      type: "service",
      service: nameOf("jobs"),
      entrypoint: "Admin",
    });
    expect(bindingsIn(scripts["shop-jobs-dev"])).toMatchObject({
      SELF: { service: "shop-jobs-dev" },
      OTHER: { service: "mail" },
    });
  });

  it("wait for the deployment of a gradual one", () => {
    const { stack } = only({
      workers: {
        api: { code: CODE, services: { JOBS: { worker: "jobs" } } },
        jobs: { code: CODE, rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) },
      },
    });
    const [api] = Object.values(resourcesOf(stack, SCRIPT));
    expect(bindingsIn(api)["JOBS"]?.["service"]).toMatch(
      /^\$\{cloudflare_workers_deployment\.jobs_Deployment_\w+\.script_name\}$/,
    );
    expectFitsProvider(stack);
  });

  it("share Durable Objects, traces and a database of one of them, also in both directions", () => {
    const scripts = scriptsOf({
      workers: {
        api: {
          code: CODE,
          d1: { DB: { migrations: "examples/cache/migrations" } },
          services: { JOBS: { worker: "jobs" } },
        },
        jobs: {
          code: CODE,
          d1: { DB: { worker: "api" } },
          durableObjects: { ROOMS: { className: "Room", worker: "rooms" } },
          tailConsumers: [{ worker: "rooms" }, "logs"],
        },
        rooms: {
          code: CODE,
          durableObjects: { ROOMS: { className: "Room", worker: "rooms" } },
          migrations: [{ tag: "v1", newSqliteClasses: ["Room"] }],
        },
      },
    });
    const jobs = scripts["shop-jobs-dev"];
    expect(bindingsIn(jobs)["DB"]).toEqual(bindingsIn(scripts["shop-api-dev"])["DB"]);
    expect(bindingsIn(jobs)["DB"]?.["id"]).toMatch(/^\$\{cloudflare_d1_database\.api_D1-DB_\w+\.id\}$/);
    expect(bindingsIn(jobs)["ROOMS"]?.["script_name"]).toMatch(
      /^\$\{cloudflare_workers_script\.rooms_\w+\.script_name\}$/,
    );
    expect(bindingsIn(scripts["shop-rooms-dev"])["ROOMS"]).not.toHaveProperty("script_name");
    expect(jobs?.["tail_consumers"]).toHaveLength(2);
  });

  it("are refused in a circle, which Cloudflare could never create", () => {
    expect(
      problemsOf(() =>
        define({
          workers: {
            api: { code: CODE, services: { JOBS: { worker: "jobs" } } },
            jobs: { code: CODE, durableObjects: { X: { className: "X", worker: "mail" } } },
            mail: { code: CODE, tailConsumers: [{ worker: "api" }] },
          },
          environments: { prod: {} },
        }),
      ),
    ).toEqual([
      "environment 'prod': workers call each other in a circle (api → jobs → mail → api), but Cloudflare accepts a binding " +
        "only to a Worker that exists: deploy once without one of these bindings, then let 'api' name 'jobs' as " +
        '{ service: "<its workerName>" }',
    ]);
  });

  it("are refused where they name something that is not there", () => {
    const problems = problemsOf(() =>
      define({
        workers: {
          api: {
            code: CODE,
            services: { JOBS: { worker: "job" }, BOTH: { worker: "jobs", service: "x" }, NONE: {} },
            durableObjects: { A: { className: "A", worker: "jobs", scriptName: "x" } },
          },
          jobs: {
            code: CODE,
            d1: { A: { worker: "api" }, B: { worker: "apy" }, C: { worker: "api", renamedFrom: "x" } },
          },
        },
        environments: { dev: {}, prod: { workers: { jobs: false } } },
      }),
    );
    expect(problems).toEqual([
      "environment 'dev': worker 'api': services 'JOBS' names worker 'job', which the environment does not have (did you mean 'jobs'?)",
      "environment 'dev': worker 'api': services 'BOTH' must have either a service, by its name, or a worker of the environment",
      "environment 'dev': worker 'api': services 'NONE' must have either a service, by its name, or a worker of the environment",
      "environment 'dev': worker 'api': durableObjects 'A' must have either a scriptName or a worker of the environment, not both",
      "environment 'dev': worker 'jobs': d1 'B' names worker 'apy', which the environment does not have (did you mean 'api'?)",
      "environment 'dev': worker 'jobs': d1 'A': worker 'api' has no database of its own under that name",
      "environment 'dev': worker 'jobs': d1 'C' binds the database of worker 'api', so it has no other fields",
      expect.stringContaining("environment 'prod': worker 'api': services 'JOBS' names worker 'job'"),
      expect.stringContaining(
        "environment 'prod': worker 'api': services 'BOTH' names worker 'jobs', which the environment does not have",
      ),
      expect.stringContaining("environment 'prod': worker 'api': durableObjects 'A' names worker 'jobs'"),
      expect.stringContaining("'BOTH' must have either"),
      expect.stringContaining("'NONE' must have either"),
      expect.stringContaining("'A' must have either"),
    ]);
  });

  it("are told how to share a database that two of them would create", () => {
    expect(
      problemsOf(() =>
        define({
          worker: { code: CODE, d1: { DB: {} } },
          workers: { jobs: { code: CODE, d1: { DB: {} } } },
          environments: { dev: {} },
        }),
      ),
    ).toEqual([
      "environment 'dev': several databases are named 'shop-db-dev', of 'worker' and 'jobs': " +
        'to share one, write { worker: "worker" } in the others; or give each a databaseName',
    ]);
  });
});

describe("the names of workers", () => {
  it("are refused when they cannot be ids, outputs and parts of names", () => {
    const workers = { worker: {}, "2fa": {}, Api: {}, constructor: {}, backend: {} };
    expect(problemsOf(() => define({ workers }))).toEqual([
      "workers: 'worker' means the Worker of the field worker: choose another name",
      "workers: a worker's name must be lower-case letters and digits, joined by single '-', beginning with a letter, got '2fa'",
      "workers: a worker's name must be lower-case letters and digits, joined by single '-', beginning with a letter, got 'Api'",
      "workers: 'constructor' cannot be a worker's name: every stack has something of that name",
      "workers: 'backend' cannot be a worker's name: every stack has something of that name",
    ]);
    expect(
      problemsOf(() =>
        define({ namespaces: { api: {} }, workers: { api: { code: CODE } }, environments: { dev: {} } }),
      ),
    ).toEqual(["environment 'dev': 'api' is the name of a namespace and of a worker: rename one of them"]);
  });

  it("must stay within what Cloudflare allows together with app and environment", () => {
    const key = "w".repeat(60);
    expect(problemsOf(() => define({ workers: { [key]: { code: CODE } } }))).toEqual([
      `workerName must be 1 to 63 lower-case letters, digits and inner '-', got 'shop-${key}-dev'`,
    ]);
  });

  it("of an override must be known", () => {
    const workers = { api: { code: CODE } };
    expect(
      problemsOf(() =>
        define({ workers, environments: { dev: { workers: { apy: {}, jobs: false, "2fa": {} }, routes: [] } } }),
      ),
    ).toEqual([
      "environment 'dev' has routes, but no worker that uses them: write them to the one in workers that they lead to",
      "environment 'dev' overrides worker 'apy', which the set does not have (did you mean 'api'?); " +
        "to add it, define it in the set's workers and leave it out elsewhere with false",
      "environment 'dev' leaves out worker 'jobs', which the set does not have",
      "environment 'dev': workers: a worker's name must be lower-case letters and digits, joined by single '-', beginning with a letter, got '2fa'",
    ]);
  });

  it("twice at Cloudflare are refused like any other name", () => {
    expect(
      problemsOf(() =>
        define({ worker: { code: CODE, workerName: "shop-api-dev" }, workers: { api: { code: CODE } } }),
      ),
    ).toEqual(["workerName must be unique in the account, 'shop-api-dev' is taken by 'shop-dev/Worker'"]);
  });

  it("and fields of the wrong form are reported together", () => {
    expect(
      problemsOf(() =>
        define({ workers: { api: untyped({ cron: [], services: { A: { entrypont: "x", service: "b" } } }) } }),
      ),
    ).toEqual([
      "workers 'api': services 'A' has no field 'entrypont' (did you mean 'entrypoint'?)",
      "workers 'api' has no field 'cron' (did you mean 'crons'?)",
    ]);
  });
});
