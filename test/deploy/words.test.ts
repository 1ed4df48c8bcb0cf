import { resolve } from "node:path";
import { readAssembly, type Stack } from "../../src/assembly/index.js";
import { readPlan } from "../../src/deploy/plan.js";
import { driftWords, wordsOf } from "../../src/deploy/words.js";

const { stacks } = readAssembly(resolve("test/fixtures/assembly/edge-store"));
const prod = stacks.find(({ name }) => name === "edge-store-prod") as Stack;
const alice = stacks.find(({ name }) => name === "edge-store-dev-alice") as Stack;
const sessions = prod.namespaces.find(({ binding }) => binding === "SESSIONS");

interface Change {
  readonly actions?: readonly string[];
  readonly before?: object | null;
  readonly after?: object | null;
  readonly after_unknown?: object;
  readonly after_sensitive?: object;
  readonly importing?: object;
}

const resource = (address: string, change: Change, more: object = {}) => {
  const [type, name] = address.split(".");
  const all = { actions: ["update"], before: null, after: null, before_sensitive: {}, after_sensitive: {}, ...change };
  return { address, mode: "managed", type, name, change: all, ...more };
};
const planOf = (...changes: object[]) =>
  readPlan(JSON.stringify({ format_version: "1.2", resource_changes: changes }), "a plan");
const say = (stack: Stack, ...changes: object[]): string[] =>
  wordsOf(planOf(...changes), stack).flatMap(({ action, text, details }) => [
    `${action} ${text}`,
    ...details.map((each) => `  ${each}`),
  ]);

const namespace = `cloudflare_workers_kv_namespace.${sessions?.logicalId ?? ""}`;

describe("what a plan does to a namespace", () => {
  it.each([
    ["create", { actions: ["create"], after: { title: "c" } }, {}, "create namespace 'c' (SESSIONS), empty"],
    [
      "rename",
      { before: { title: "a" }, after: { title: "c" } },
      {},
      "update namespace 'a' (SESSIONS) is renamed to 'c'; its id and its keys stay",
    ],
    [
      "delete",
      { actions: ["delete"], before: { title: "a", id: "1" } },
      {},
      "delete namespace 'a' (SESSIONS) and all its keys",
    ],
    [
      "replace",
      { actions: ["create", "delete"], before: { title: "a" }, after: { title: "c" } },
      {},
      "replace namespace 'c' (SESSIONS): the new one is empty, and all its keys are lost",
    ],
    [
      "forget",
      { actions: ["forget"], before: { title: "a" } },
      {},
      "forget namespace 'a' (SESSIONS); it stays at Cloudflare with its keys",
    ],
    [
      "adopt",
      { actions: ["no-op"], before: { title: "a" }, after: { title: "a" }, importing: { id: "x" } },
      {},
      "adopt namespace 'a' (SESSIONS), which exists already; its keys stay",
    ],
    [
      "move",
      { actions: ["no-op"], before: { title: "a" }, after: { title: "a" } },
      { previous_address: "x.y" },
      "move namespace 'a' (SESSIONS); its keys stay",
    ],
  ])("is said in words: %s", (_, change, more, expected) => {
    expect(say(prod, resource(namespace, change, more))[0]?.replace(/; keys expire.*/, "")).toBe(expected);
  });

  it("is nothing when it stays as it is, or is only read", () => {
    const data = { ...resource("cloudflare_x.y", { actions: ["read"] }), mode: "data" };
    expect(say(prod, resource(namespace, { actions: ["no-op"] }), data)).toEqual([]);
  });
});

describe("what a plan does to a Worker", () => {
  const worker = alice.workers[0];
  const script = `cloudflare_workers_script.${worker?.logicalId ?? ""}`;

  it("names the namespaces that a new one binds", () => {
    const said = say(alice, resource(script, { actions: ["create"], after: { script_name: "w" } }));
    expect(said[0]).toBe("create Worker 'w'");
    expect(said).toContain("  binds SESSIONS to namespace 'edge-store-sessions-dev-alice'");
  });

  it("says what an update changes, that traffic follows at once, and no value", () => {
    const text = (name: string, value: string) => ({ type: "plain_text", name, text: value, id: null });
    const kv = (name: string, id: string) => ({ type: "kv_namespace", name, namespace_id: id });
    const before = {
      script_name: "w",
      content_sha256: "1",
      etag: "a",
      bindings: [text("A", "old"), text("GONE", "x"), kv("SESSIONS", "1")],
    };
    const after = {
      script_name: "w",
      content_sha256: "2",
      etag: "b",
      bindings: [kv("SESSIONS", "2"), text("A", "hidden-value"), text("NEW", "y")],
    };

    expect(say(alice, resource(script, { before, after, after_unknown: { etag: true } }))).toEqual([
      "update Worker 'w'; all traffic goes to the new version at once",
      "  new code",
      "  another value of A (text)",
      "  no longer binds GONE (text)",
      "  binds NEW (text)",
      "  now binds SESSIONS to namespace 'edge-store-sessions-dev-alice'",
    ]);
  });

  it("says how traffic is divided, before and after", () => {
    const versions = (...shares: number[]) => ({
      script_name: "w",
      versions: shares.map((percentage) => ({ percentage })),
    });
    const address = "cloudflare_workers_deployment.D";
    expect(say(prod, resource(address, { before: versions(100), after: versions(90, 10) }))).toEqual([
      "update traffic of Worker 'w': from 100 % to 90 % / 10 %",
    ]);
  });

  it("says which addresses and schedules come and go", () => {
    const said = say(
      prod,
      resource("cloudflare_workers_route.R", {
        actions: ["create"],
        after: { pattern: "shop.example/*", script: "w" },
      }),
      resource("cloudflare_workers_custom_domain.D", {
        actions: ["delete"],
        before: { hostname: "shop.example", service: "w" },
      }),
      resource("cloudflare_workers_cron_trigger.C", {
        before: { script_name: "w", schedules: [] },
        after: { script_name: "w", schedules: [{ cron: "0 * * * *" }] },
      }),
    );
    expect(said).toEqual([
      "create route shop.example/* to Worker 'w'",
      "delete custom domain shop.example of Worker 'w'",
      "update crons of Worker 'w': 0 * * * *",
    ]);
  });
});

describe("what is secret in a plan", () => {
  it("is in no word of it, and still counts as changed", () => {
    const secret = "hunter2";
    const change = {
      before: { name: "n", value: "old" },
      after: { name: "n", value: secret },
      after_sensitive: { value: true },
    };
    const words = wordsOf(planOf(resource("other_thing.X", change)), prod);

    expect(JSON.stringify(words)).not.toContain(secret);
    expect(words[0]).toMatchObject({ text: "other_thing 'n'", details: ["changed: value"] });
  });
});

describe("drift", () => {
  it("leaves out what Cloudflare changes by itself", () => {
    const change = (after: object) =>
      resource("cloudflare_workers_script.W", { before: { script_name: "w", modified_on: "1", etag: "a" }, after });
    const drift = (after: object) =>
      readPlan(JSON.stringify({ format_version: "1", resource_drift: [change(after)] }), "a plan");

    expect(driftWords(drift({ script_name: "w", modified_on: "2", etag: "a" }), prod)).toEqual([]);
    expect(driftWords(drift({ script_name: "w", modified_on: "2", etag: "b" }), prod)[0]?.text).toBe(
      "Worker 'w' was changed: etag",
    );
  });
});

it("refuses what is no plan", () => {
  expect(() => readPlan("{", "the plan")).toThrow("the plan is not valid JSON");
  expect(() => readPlan("{}", "the plan")).toThrow("the plan has no 'format_version'");
});
