import type { TerraformStack } from "cdktf";
import { edgeStore } from "../../stacks/edge-store.js";
import { expectFitsProvider, readable, synthToJson, testApp } from "../support/synth.js";

const environments = edgeStore(testApp()).environments;

describe("the reference stacks", () => {
  it("are one a developer for dev, then staging and prod", () => {
    expect(environments.map(({ stack }) => stack.node.id)).toEqual([
      "edge-store-dev-alice",
      "edge-store-dev-bob",
      "edge-store-staging",
      "edge-store-prod",
    ]);
  });

  it.each(environments.map(({ stack }) => [stack.node.id, stack] as const))("%s fits both providers", (_, stack) => {
    expectFitsProvider(stack);
  });

  it.each(environments.map(({ stack }) => [stack.node.id, stack] as const))("%s is what it was", (_, stack) => {
    expect(withoutHashes(readable(synthToJson(stack)))).toMatchSnapshot();
  });

  it("has nothing to warn of", () => {
    expect(warnings(environments.map(({ stack }) => stack))).toEqual([]);
  });
});

/** The code's hash and its files change with every edit of the Worker; their place is what matters. */
function withoutHashes(json: unknown): unknown {
  const text = JSON.stringify(json)
    .replace(/[0-9a-f]{64}/g, "<sha256>")
    .replace(/"workers_tag":"[0-9a-f]{25}"/g, '"workers_tag":"<digest>"')
    .replace(/"inputs":\["[^\]]*"\]/g, '"inputs":["<sources>"]');
  return JSON.parse(text) as unknown;
}

function warnings(stacks: readonly TerraformStack[]): unknown[] {
  return stacks.flatMap((stack) =>
    stack.node.findAll().flatMap(({ node }) => node.metadata.filter(({ type }) => type === "@cdktf/warn")),
  );
}
