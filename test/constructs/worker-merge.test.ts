import type {
  EnvironmentWorkerOverrides,
  EnvironmentWorkerProps,
} from "../../src/constructs/environment-worker-props.js";
import { resourcesOf } from "../support/synth.js";
import { define } from "./environment-samples.js";
import { CODE, OTHER_ACCOUNT, bindingsOf, onlyResource, problemsOf, ZONE } from "./samples.js";

const UUID = "0f2ac74b-498b-4802-8cb6-8387c421e279";

/** The bindings of an environment's Worker by name, of which the set says one thing and the environment another. */
function merged(base: EnvironmentWorkerProps, changes: EnvironmentWorkerOverrides) {
  const set = define({
    namespaces: { KV: {} },
    worker: { code: CODE, ...base },
    environments: { dev: {}, prod: { worker: changes } },
  });
  const { KV: _, ...bindings } = bindingsOf(set.environment("prod").stack);
  return bindings;
}

describe("bindings of a Worker that an environment changes", () => {
  it("are merged by name, whatever their kind, and false leaves one out", () => {
    const found = merged(
      {
        services: { AUTH: "auth", MAIL: "mail", OLD: "old" },
        queues: { JOBS: "jobs", OLD_JOBS: "old" },
        rateLimits: { LIMIT: { limit: 1, period: 10 }, OLD_LIMIT: { limit: 1, period: 10 } },
        durableObjects: {
          ROOMS: { className: "Room", scriptName: "chat" },
          OLD_ROOMS: { className: "R", scriptName: "c" },
        },
      },
      {
        services: { AUTH: "auth-prod", OLD: false, NEW: "new" },
        queues: { OLD_JOBS: false },
        rateLimits: { OLD_LIMIT: false, LIMIT: { limit: 9, period: 60 } },
        durableObjects: { OLD_ROOMS: false },
      },
    );
    expect(Object.keys(found)).toEqual(["AUTH", "JOBS", "LIMIT", "MAIL", "NEW", "ROOMS"]);
    expect(found).toMatchObject({
      AUTH: { service: "auth-prod" },
      MAIL: { service: "mail" },
      LIMIT: { simple: { limit: 9, period: 60 } },
    });
  });

  it("of other kinds are merged as a list and by name", () => {
    const files = { name: "FILES", type: "r2_bucket", bucketName: "files-dev" };
    const base = { bindings: [files, { name: "AI", type: "ai" }, { name: "OLD", type: "browser" }] };
    const asList = merged(base, { bindings: [{ ...files, bucketName: "files" }] });
    expect(asList).toMatchObject({ FILES: { bucket_name: "files" }, AI: { type: "ai" }, OLD: { type: "browser" } });
    const byName = merged(base, {
      bindings: { FILES: { type: "r2_bucket", bucketName: "files" }, OLD: false, IMAGES: { type: "images" } },
    });
    expect(byName).toEqual({
      AI: { name: "AI", type: "ai" },
      FILES: { name: "FILES", type: "r2_bucket", bucket_name: "files" },
      IMAGES: { name: "IMAGES", type: "images" },
    });
    expect(merged({ bindings: { AI: { type: "ai" } } }, { bindings: {} })).toEqual({});
    expect(merged(base, { bindings: [] })).toEqual({});
  });

  it("of a kind are left out together by an empty one", () => {
    expect(merged({ services: { AUTH: "auth" }, queues: { JOBS: "jobs" } }, { services: {} })).toEqual({
      JOBS: { name: "JOBS", type: "queue", queue_name: "jobs" },
    });
  });

  it("must be there to be left out, so that a misspelt one does not stay", () => {
    expect(
      problemsOf(() =>
        merged(
          { services: { AUTH: "auth" } },
          { services: { AUHT: false }, bindings: { AI: false }, d1: { DB: false } },
        ),
      ),
    ).toEqual([
      "environment 'prod': worker leaves out d1 'DB', which the set's does not have",
      "environment 'prod': worker leaves out services 'AUHT', which the set's does not have (did you mean 'AUTH'?)",
      "environment 'prod': worker leaves out bindings 'AI', which the set's does not have",
    ]);
  });

  it("named twice in one list are refused as before", () => {
    const twice = [
      { name: "AI", type: "ai" },
      { name: "AI", type: "browser" },
    ];
    expect(problemsOf(() => merged({}, { bindings: twice }))).toEqual([
      "binding 'AI' is defined twice: by bindings and by bindings",
    ]);
  });

  it("to databases are merged by field, but for which database it is", () => {
    const base = { d1: { DB: { migrations: "examples/cache/migrations", readReplication: "auto" as const } } };
    const set = define({
      worker: { code: CODE, ...base },
      environments: {
        dev: { worker: { d1: { DB: { databaseName: "mine" } } } },
        staging: { worker: { d1: { DB: { databaseId: UUID } } } },
        prod: { worker: { d1: { DB: { readReplication: "disabled" } } } },
      },
    });
    const databases = (name: string) =>
      Object.values(resourcesOf(set.environment(name).stack, "cloudflare_d1_database"));
    expect(databases("dev")).toMatchObject([{ name: "mine", read_replication: { mode: "auto" } }]);
    expect(databases("staging")).toEqual([]);
    expect(bindingsOf(set.environment("staging").stack)["DB"]).toMatchObject({ id: UUID });
    expect(databases("prod")).toMatchObject([{ name: "shop-db-prod", read_replication: { mode: "disabled" } }]);
  });
});

/** Each row of the table "What an environment inherits" in docs/constructs.md. */
describe("what an environment inherits", () => {
  const NAMESPACE = "cloudflare_workers_kv_namespace";
  const route = (pattern: string) => ({ pattern, zoneId: ZONE });
  const set = define({
    namespaces: { CACHE: { ttlSeconds: 60, description: "of the set" }, SESSIONS: { preventDestroy: false } },
    worker: {
      code: CODE,
      vars: { A: "set", B: "set", C: "set" },
      secrets: ["ONE", "TWO"],
      crons: ["0 * * * *"],
      compatibilityFlags: ["nodejs_compat"],
      compatibilityDate: "2026-01-01",
      routes: [route("set.example.com/*")],
      observability: { enabled: false, headSamplingRate: 0.5 },
      tailConsumers: ["logs"],
    },
    environments: {
      same: {},
      other: {
        accountId: OTHER_ACCOUNT,
        protect: false,
        namespaces: { CACHE: { ttlSeconds: 120 }, EXTRA: {}, SESSIONS: { preventDestroy: true } },
        vars: { A: "environment" },
        worker: {
          vars: { A: "worker", B: "worker" },
          secrets: ["THREE"],
          crons: [],
          compatibilityFlags: ["nodejs_als"],
          compatibilityDate: "2026-02-02",
          routes: [route("worker.example.com/*")],
          observability: { headSamplingRate: 1 },
          tailConsumers: [],
        },
      },
      routes: { routes: [route("environment.example.com/*")], namespaces: { SESSIONS: false } },
      none: { worker: false },
      dev: { developers: ["ada"] },
    },
  });
  const stack = (name: string, developer?: string) => set.environment(name, developer).stack;
  const script = (name: string) => onlyResource(stack(name), "cloudflare_workers_script");
  const patterns = (name: string) =>
    Object.values(resourcesOf(stack(name), "cloudflare_workers_route")).map(({ pattern }) => pattern);

  it("is the account, unless it has its own", () => {
    expect([script("same")["account_id"], script("other")["account_id"]]).toEqual([
      "0123456789abcdef0123456789abcdef",
      OTHER_ACCOUNT,
    ]);
  });

  it("is protection, by its own name or word", () => {
    expect(["same", "other", "routes"].map((name) => set.environment(name).isProtected)).toEqual([true, false, true]);
    expect(set.environment("dev", "ada").isProtected).toBe(false);
  });

  it("is each field of a namespace", () => {
    const { ttlSeconds, description } = set.environment("other").namespace("CACHE");
    expect([ttlSeconds, description]).toEqual([120, "of the set"]);
    const guarded = (name: string, binding: string) =>
      set.environment(name).namespace(binding).resource.lifecycle?.preventDestroy;
    expect([guarded("same", "CACHE"), guarded("other", "CACHE")]).toEqual([true, false]);
    expect([guarded("same", "SESSIONS"), guarded("other", "SESSIONS")]).toEqual([false, true]);
  });

  it("is every namespace but those left out, and those it adds", () => {
    const bindings = (name: string) => Object.keys(set.environment(name).namespaces);
    expect([bindings("same"), bindings("other"), bindings("routes")]).toEqual([
      ["CACHE", "SESSIONS"],
      ["CACHE", "SESSIONS", "EXTRA"],
      ["CACHE"],
    ]);
    expect(Object.keys(resourcesOf(stack("none"), NAMESPACE))).toHaveLength(2);
  });

  it("is vars by name", () => {
    const texts = (name: string) => ["A", "B", "C"].map((binding) => bindingsOf(stack(name))[binding]?.["text"]);
    expect([texts("same"), texts("other")]).toEqual([
      ["set", "set", "set"],
      ["environment", "worker", "set"],
    ]);
  });

  it("is routes: the environment's, else its worker's, else the set's", () => {
    expect(["same", "other", "routes"].map(patterns)).toEqual([
      ["set.example.com/*"],
      ["worker.example.com/*"],
      ["environment.example.com/*"],
    ]);
  });

  it("is secrets, crons, flags, dates and all other fields of the Worker as a whole", () => {
    const of = (name: string) => ({
      secrets: Object.values(bindingsOf(stack(name)))
        .filter(({ type }) => type === "secret_text")
        .map(({ name: binding }) => binding),
      crons: onlyResource(stack(name), "cloudflare_workers_cron_trigger")["schedules"],
      flags: script(name)["compatibility_flags"],
      date: script(name)["compatibility_date"],
      tails: script(name)["tail_consumers"],
      logs: script(name)["observability"],
    });
    expect(of("same")).toMatchObject({
      secrets: ["ONE", "TWO"],
      crons: [{ cron: "0 * * * *" }],
      flags: ["nodejs_compat"],
      date: "2026-01-01",
      tails: [{ service: "logs" }],
      logs: { enabled: false, head_sampling_rate: 0.5 },
    });
    expect(of("other")).toMatchObject({
      secrets: ["THREE"],
      crons: [],
      flags: ["nodejs_als"],
      date: "2026-02-02",
      // Replaced, not merged: what the set says of `enabled` is gone.
      logs: { enabled: true, head_sampling_rate: 1 },
    });
    expect(of("other").tails ?? []).toEqual([]);
  });

  it("is the Worker, unless it is left out", () => {
    expect([set.environment("same").worker?.node.id, set.environment("none").worker]).toEqual(["Worker", undefined]);
  });

  it("is not the developers of another", () => {
    expect(set.environments.map(({ stack: { node } }) => node.id)).toEqual([
      "shop-same",
      "shop-other",
      "shop-routes",
      "shop-none",
      "shop-dev-ada",
    ]);
  });
});
