import { Rollout } from "../../src/constructs/rollout.js";
import type { WorkerWithKvBindingsProps } from "../../src/constructs/worker-props.js";
import { expectFitsProvider, synthToJson, testStack } from "../support/synth.js";
import { ACCOUNT, onlyResource, problemsOf, workerOf, ZONE } from "./samples.js";

const ID = "0f2ac74b498b48028cb68387c421e279";
const GRADUAL = Rollout.gradual([{ label: "v1", percentage: 100 }]);

interface Imports {
  readonly import?: readonly { readonly to: string; readonly id: string }[];
}

/** What is imported: the type of each resource, and the id that it is found by. */
function importsOf(props: Partial<WorkerWithKvBindingsProps>): Record<string, string> {
  const stack = testStack();
  workerOf(stack, props);
  expectFitsProvider(stack);
  const { import: blocks = [] } = synthToJson(stack) as Imports;
  return Object.fromEntries(blocks.map(({ to, id }) => [to.split(".")[0] ?? to, id]));
}

function keptBindings(props: Partial<WorkerWithKvBindingsProps>): unknown {
  const stack = testStack();
  workerOf(stack, props);
  return onlyResource(stack, "cloudflare_workers_script")["keep_bindings"];
}

describe("a Worker that is adopted", () => {
  it("imports its script, crons and workers.dev address by name, and routes and domains by their ids", () => {
    expect(
      importsOf({
        crons: ["0 * * * *"],
        workersDev: true,
        routes: [{ pattern: "example.com/*", zoneId: ZONE }],
        customDomains: [{ hostname: "api.example.com", zoneId: ZONE }],
        adopt: { routes: { "example.com/*": ID }, customDomains: { "api.example.com": ID } },
      }),
    ).toEqual({
      cloudflare_workers_script: `${ACCOUNT}/shop-api`,
      cloudflare_workers_cron_trigger: `${ACCOUNT}/shop-api`,
      cloudflare_workers_script_subdomain: `${ACCOUNT}/shop-api`,
      cloudflare_workers_route: `${ZONE}/${ID}`,
      cloudflare_workers_custom_domain: `${ACCOUNT}/${ID}`,
    });
  });

  it("is no import unless it is asked for", () => {
    expect(importsOf({ crons: ["0 * * * *"] })).toEqual({});
    expect(importsOf({ adopt: false })).toEqual({});
  });

  it("may have a gradual rollout, and is found by its id then", () => {
    expect(importsOf({ rollout: GRADUAL, adopt: { workerId: ID } })).toEqual({
      cloudflare_worker: `${ACCOUNT}/${ID}`,
    });
  });

  it("is refused with ids of what it does not have", () => {
    expect(problemsOf(() => workerOf(testStack(), { adopt: { routes: { "x.example.com/*": ID } } }))).toEqual([
      expect.stringContaining("adopt: routes has no pattern 'x.example.com/*'"),
    ]);
  });
});

describe("secrets that other tools have stored", () => {
  it("are kept when the Worker is adopted or keepSecrets says so, and not otherwise", () => {
    expect(keptBindings({ adopt: true })).toEqual(["secret_text"]);
    expect(keptBindings({ keepSecrets: true })).toEqual(["secret_text"]);
    expect(keptBindings({ adopt: true, keepSecrets: false })).toBeUndefined();
    expect(keptBindings({})).toBeUndefined();
  });

  it("cannot be kept by the versions of a gradual rollout", () => {
    expect(problemsOf(() => workerOf(testStack(), { rollout: GRADUAL, keepSecrets: true }))).toEqual([
      expect.stringContaining(
        "keepSecrets does not apply to a gradual rollout: each version has exactly the bindings it declares",
      ),
    ]);
  });
});
