import { providerNeeds, rangeFor, rangeOf } from "../../src/constructs/provider-range.js";
import { synthToJson, testStack } from "../support/synth.js";
import { CODE, problemsOf, workerOf } from "./samples.js";

const versionWith = (...props: Parameters<typeof workerOf>[1][]) => {
  const stack = testStack();
  props.forEach((one, index) => workerOf(stack, { workerName: `w${index}`, ...one }, `W${index}`));
  const { required_providers: required } = synthToJson(stack).terraform as {
    required_providers: { cloudflare: { version: string } };
  };
  return required.cloudflare.version;
};

const LIMIT = { rateLimits: { LIMIT: { limit: 1, period: 10 } } } as const;
const PLACED = { placement: { mode: "smart" } } as const;

it.each([
  [{ vars: { A: "text" } }, ">= 5.16.0, < 6.0.0"],
  [{ vars: { A: 1 } }, ">= 5.18.0, < 6.0.0"],
  [{ vars: { A: { b: "c" } } }, ">= 5.18.0, < 6.0.0"],
  [{ bindings: [{ name: "A", type: "JSON", json: "1" }] }, ">= 5.18.0, < 6.0.0"],
  [LIMIT, ">= 5.19.0, < 6.0.0"],
  [{ ...LIMIT, vars: { A: true } }, ">= 5.19.0, < 6.0.0"],
  [PLACED, ">= 5.16.0, < 5.17.0"],
])("%j asks for a provider that can do it: %s", (props, version) => {
  expect(versionWith(props)).toBe(version);
});

it("asks for what all Workers of a stack need, in any order", () => {
  expect(versionWith(LIMIT, { vars: { A: 1 } })).toBe(">= 5.19.0, < 6.0.0");
});

it("refuses what no provider can do, also when two Workers need it", () => {
  const problem =
    "no version of the Cloudflare provider supports both: rateLimits needs 5.19.0 or newer, placement a version before 5.17.0; " +
    "drop one of them, or use a stack for each";
  expect(problemsOf(() => versionWith({ ...LIMIT, ...PLACED }))).toEqual([problem]);
  expect(problemsOf(() => versionWith(LIMIT, PLACED))).toEqual([problem]);
});

it("leaves the user's own choice of a provider alone", () => {
  const stack = testStack();
  stack.addOverride("terraform.required_providers.cloudflare.version", "5.30.0");
  workerOf(stack, { ...LIMIT, ...PLACED });
  expect(JSON.stringify(synthToJson(stack).terraform)).toContain('"version":"5.30.0"');
});

it.each([
  ["5.16.0", "5.16.0", "5.16.1"],
  ["= 5.16", "5.16.0", "5.16.1"],
  ["> 5.16.0", "5.16.1", "999999.0.0"],
  [">= 5.16.0, < 5.17.0", "5.16.0", "5.17.0"],
  ["<= 5.16.9", "0.0.0", "5.16.10"],
  ["~> 5.16", "5.16.0", "6.0.0"],
  ["~> 5.16.2", "5.16.2", "5.17.0"],
  ["!= 5.17.0", "0.0.0", "999999.0.0"],
])("'%s' allows versions from %s to before %s", (constraints, from, below) => {
  expect(rangeOf(constraints)).toEqual({ from, below });
});

it("needs nothing for a Worker without any of it", () => {
  expect(providerNeeds({ workerName: "w", code: CODE })).toEqual([]);
  expect(rangeFor([])).toEqual({ from: "5.16.0", below: "6.0.0" });
});
