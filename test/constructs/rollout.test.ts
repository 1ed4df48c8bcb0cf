import { Rollout, type Release } from "../../src/constructs/rollout.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import { testStack } from "../support/synth.js";
import { CODE, onlyResource, problemsOf, untyped, workerOf } from "./samples.js";

const VERSION = "0f2ac74b-498b-4802-8cb6-8387c421e279";

function problemsWith(releases: unknown, options?: unknown): readonly string[] {
  return problemsOf(() => workerOf(testStack(), { rollout: Rollout.gradual(untyped(releases), untyped(options)) }));
}

function sharesOf(releases: readonly Release[]): unknown {
  const stack = testStack();
  workerOf(stack, { rollout: Rollout.gradual(releases) });
  const { versions } = onlyResource(stack, "cloudflare_workers_deployment") as { versions: { percentage: number }[] };
  return versions.map(({ percentage }) => percentage);
}

const shares = (...percentages: number[]): Release[] =>
  percentages.map((percentage, index) => ({ label: `v${index}`, percentage }));

describe("the shares of a gradual rollout", () => {
  it.each([
    [[100], [100]],
    [
      [90, 10],
      [90, 10],
    ],
    [
      [66.67, 33.33],
      [66.67, 33.33],
    ],
    [
      [99.99, 0.01],
      [99.99, 0.01],
    ],
    [[0, 100], [100]],
    [
      [0, 60, 0, 40, 0],
      [60, 40],
    ],
  ])("may be %j, of which %j are served", (given, served) => {
    expect(sharesOf(shares(...given))).toEqual(served);
  });

  it.each([
    [[], ["rollout must have at least one release"]],
    [[90], ["rollout percentages must sum to 100, got 90"]],
    [[90, 20], ["rollout percentages must sum to 100, got 110"]],
    [[66.6, 33.3], ["rollout percentages must sum to 100, got 99.9"]],
    [[0, 0], ["rollout percentages must sum to 100, got 0"]],
    [[50, 30, 20], ["rollout can share the traffic between two releases, got 3: set the others to percentage 0"]],
    [
      [33.333, 66.667],
      [
        "release 'v0': percentage must have at most two decimals, got 33.333",
        "release 'v1': percentage must have at most two decimals, got 66.667",
      ],
    ],
    [
      [-10, 110],
      ["release 'v0': percentage must be 0 to 100, got -10", "release 'v1': percentage must be 0 to 100, got 110"],
    ],
    [
      [Number.NaN, 100],
      ["release 'v0': percentage must be 0 to 100, got NaN", "rollout percentages must sum to 100, got NaN"],
    ],
  ])("cannot be %j", (given, problems) => {
    expect(problemsWith(shares(...given))).toEqual(problems);
  });
});

describe("a release", () => {
  it.each(["v1", "2026-04-01", "a".repeat(63), "A_b.c-d"])("may be labelled '%s'", (label) => {
    expect(sharesOf([{ label, percentage: 100 }])).toEqual([100]);
  });

  it.each(["", "-v1", ".", "v 1", "a".repeat(64), "v/1", "é"])("cannot be labelled '%s'", (label) => {
    expect(problemsWith([{ label, percentage: 100 }])).toEqual([
      `a release's label must be 1 to 63 letters, digits, '.', '_' or '-', got '${label}'`,
    ]);
  });

  it("has a label of its own", () => {
    const releases = ["v1", "v1", "v1"].map((label, index) => ({ label, percentage: index === 0 ? 100 : 0 }));

    expect(problemsWith(releases)).toEqual(["rollout has the label 'v1' twice"]);
  });

  it("may be a version that exists, and then has no code", () => {
    const stack = testStack();
    const rollout = Rollout.gradual([{ label: "v1", percentage: 100, versionId: VERSION }]);
    workerOf(stack, { rollout });

    expect(onlyResource(stack, "cloudflare_workers_deployment")["versions"]).toEqual([
      { version_id: VERSION, percentage: 100 },
    ]);
    expect(problemsWith([{ label: "v1", percentage: 100, versionId: VERSION, code: CODE }])).toEqual([
      "release 'v1' must have code or a versionId, not both",
    ]);
    expect(problemsWith([{ label: "v1", percentage: 100, versionId: "7" }])).toEqual([
      "release 'v1': versionId must be a UUID, got '7'",
    ]);
  });

  it("has code of its own, or the Worker's", () => {
    const rollout = Rollout.gradual([
      { label: "v1", percentage: 50 },
      { label: "v2", percentage: 50, code: CODE },
    ]);

    expect(problemsOf(() => workerOf(testStack(), { code: untyped(undefined), rollout }))).toEqual([
      "release 'v1' has no code, and the Worker has none to use instead",
    ]);
  });

  it.each<[string, unknown, string]>([
    ["null", null, "rollout[0] must be an object, got null"],
    ["without a label", { percentage: 100 }, "rollout[0]: label is required"],
    ["without a share", { label: "v1" }, "release 'v1': percentage is required"],
    [
      "with a share as text",
      { label: "v1", percentage: "100" },
      "release 'v1': percentage must be a number, got a string",
    ],
    [
      "with code as text",
      { label: "v1", percentage: 100, code: "x.js" },
      "release 'v1': code must be WorkerCode, such as WorkerCode.fromEntry('src/worker.ts'), got a string",
    ],
    [
      "with a misspelt field",
      { label: "v1", percentage: 100, percent: 1 },
      "release 'v1' has no field 'percent' (did you mean 'percentage'?)",
    ],
  ])("is refused %s", (_, release, problem) => {
    expect(problemsWith([release])).toEqual([problem]);
  });
});

describe("a rollout", () => {
  it.each<[string, unknown, string]>([
    ["a text", "gradual", "rollout must be Rollout.allAtOnce() or Rollout.gradual([…])"],
    ["releases alone", shares(100), "rollout must be Rollout.allAtOnce() or Rollout.gradual([…])"],
    ["null", null, "rollout must be Rollout.allAtOnce() or Rollout.gradual([…])"],
    ["one of no list", Rollout.gradual(untyped({ v1: 100 })), "rollout must be a list, got an object"],
    ["one of nothing", Rollout.gradual(untyped(undefined)), "rollout must be a list, got undefined"],
    [
      "one with a misspelt option",
      Rollout.gradual(shares(100), untyped({ mixedBinding: true })),
      "Rollout.gradual has no field 'mixedBinding' (did you mean 'mixedBindings'?)",
    ],
    [
      "one with null as options",
      Rollout.gradual(shares(100), untyped(null)),
      "Rollout.gradual must be an object, got null",
    ],
  ])("cannot be %s", (_, rollout, problem) => {
    expect(problemsOf(() => workerOf(testStack(), { rollout: untyped(rollout) }))).toEqual([problem]);
  });

  it("that is gradual refuses what only works all at once", () => {
    const rollout = Rollout.gradual(shares(100));

    expect(
      problemsOf(() =>
        workerOf(testStack(), {
          rollout,
          vars: { A: "b" },
          limits: { cpuMs: 50 },
          placement: { mode: "smart" },
          assets: { directory: "src" },
        }),
      ),
    ).toEqual([
      "a gradual rollout is safe with KV bindings only, because the provider mixes up others: " +
        "pass { mixedBindings: true } to Rollout.gradual to take the risk, or use Rollout.allAtOnce()",
      "limits cannot be kept by a gradual rollout: drop it, or use Rollout.allAtOnce()",
      "placement cannot be kept by a gradual rollout: drop it, or use Rollout.allAtOnce()",
      "assets cannot be kept by a gradual rollout: drop it, or use Rollout.allAtOnce()",
    ]);
  });

  it.each([
    ["vars", { vars: { A: "b" } }],
    ["secrets", { secrets: ["A"] }],
    ["d1", { d1: { A: { databaseId: VERSION } } }],
    ["services", { services: { A: "b" } }],
    ["rateLimits", { rateLimits: { A: { limit: 1, period: 10 as const } } }],
    ["bindings", { bindings: [{ name: "A", type: "ai" }] }],
  ])("that is gradual takes %s only when the risk is taken", (_, props) => {
    const risk = Rollout.gradual(shares(100), { mixedBindings: true });

    expect(problemsOf(() => workerOf(testStack(), { ...props, rollout: Rollout.gradual(shares(100)) }))).toHaveLength(
      1,
    );
    expect(() => workerOf(testStack(), { ...props, rollout: risk })).not.toThrow();
  });

  it("all at once is what happens without one", () => {
    const stack = testStack();
    workerOf(stack, { rollout: Rollout.allAtOnce(), code: WorkerCode.fromInline("export default 1;") });

    expect(onlyResource(stack, "cloudflare_workers_script")["script_name"]).toBe("shop-api");
  });
});
