import { readFileSync } from "node:fs";
import {
  type Client,
  type EvaluationDetails,
  type FlagMetadata,
  type FlagValue,
  OpenFeature,
} from "@openfeature/server-sdk";
import { autoBindSteps, loadFeature, type StepDefinitions } from "jest-cucumber";
import { FeatureFlags, type Flag } from "../../src/runtime/index.js";
import { KvFlagProvider } from "../../src/runtime/openfeature.js";
import { MemoryKV } from "../../src/runtime/testing.js";

const FIXTURES = "test/fixtures/openfeature";

interface SpecFlag {
  disabled?: boolean;
  variants: NonNullable<Flag["variants"]>;
  defaultVariant?: string | null;
  flagMetadata?: NonNullable<Flag["metadata"]> | null;
}

/** The specification's flags in KV, as `FeatureFlags.set` stores them. */
async function provide(): Promise<Client> {
  const flags = new FeatureFlags(new MemoryKV());
  const spec = JSON.parse(readFileSync(`${FIXTURES}/test-flags.json`, "utf8")) as Record<string, SpecFlag>;
  for (const [name, { disabled = false, variants, defaultVariant, flagMetadata }] of Object.entries(spec)) {
    await flags.set(name, {
      enabled: !disabled,
      variants,
      ...(defaultVariant != null && { defaultVariant }),
      ...(flagMetadata != null && { metadata: flagMetadata }),
    });
  }
  await OpenFeature.setProviderAndWait(new KvFlagProvider(flags));
  return OpenFeature.getClient();
}

function parse(type: string, text: string): FlagValue {
  return type === "String" ? text : (JSON.parse(text.replaceAll('\\"', '"')) as FlagValue);
}

const steps: StepDefinitions = ({ given, and, when, then }) => {
  let client: Client;
  let asked: { type: string; key: string; fallback: FlagValue };
  let details: EvaluationDetails<FlagValue>;

  given("a stable provider", async () => {
    client = await provide();
  });
  given(/^a (\w+)-flag with key "(.*)" and a fallback value "(.*)"$/, (type: string, key: string, text: string) => {
    asked = { type, key, fallback: parse(type, text) };
  });
  when("the flag was evaluated with details", async () => {
    const { type, key, fallback } = asked;
    if (type === "Boolean") details = await client.getBooleanDetails(key, fallback as boolean);
    else if (type === "String") details = await client.getStringDetails(key, fallback as string);
    else if (type === "Object") details = await client.getObjectDetails(key, fallback);
    else details = await client.getNumberDetails(key, fallback as number);
  });
  then(/^the resolved details value should be "(.*)"$/, (text: string) => {
    expect(details.value).toEqual(parse(asked.type, text));
  });
  and(/^the reason should be "(.*)"$/, (reason: string) => {
    expect(details.reason).toBe(reason);
  });
  and(/^the error-code should be "(.*)"$/, (code: string) => {
    expect(details.errorCode).toBe(code);
  });
  and(/^the flag key should be "(.*)"$/, (key: string) => {
    expect(details.flagKey).toBe(key);
  });
  then(/^the variant should be "(.*)"$/, (variant: string) => {
    expect(details.variant).toBe(variant);
  });
  then("the resolved metadata should contain", (table: { key: string; metadata_type: string; value: string }[]) => {
    const expected = table.map(({ key, metadata_type, value }) => [key, parse(metadata_type, value)]);
    expect(details.flagMetadata).toEqual(Object.fromEntries(expected) as FlagMetadata);
  });
  then("the resolved metadata is empty", () => {
    expect(details.flagMetadata).toEqual({});
  });
};

/** Rules over other fields of the context are not this provider's; states, hooks and freezing are the SDK's own. */
const NOT_OURS = new Set([
  "@targeting",
  "@context-handling",
  "@provider-status",
  "@reason-codes-cached",
  "@hooks",
  "@immutability",
  "@async",
]);

function oursOf(file: string) {
  const feature = loadFeature(`${FIXTURES}/${file}`);
  const ours = ({ tags }: { tags: string[] }) => !tags.some((tag) => NOT_OURS.has(tag));
  return {
    ...feature,
    scenarios: feature.scenarios.filter(ours),
    scenarioOutlines: feature.scenarioOutlines.filter(ours),
  };
}

autoBindSteps([oursOf("evaluation_v2.feature"), oursOf("metadata.feature")], [steps]);

describe("KvFlagProvider", () => {
  it("evaluates for the targeting key of the context", async () => {
    const flags = new FeatureFlags(new MemoryKV());
    await flags.set("f", { enabled: true, percentage: 0, allowlist: ["ada"] });
    await OpenFeature.setProviderAndWait(new KvFlagProvider(flags));
    const client = OpenFeature.getClient();

    expect(await client.getBooleanDetails("f", false, { targetingKey: "ada" })).toMatchObject({
      value: true,
      reason: "TARGETING_MATCH",
    });
    expect(await client.getBooleanValue("f", false, { targetingKey: "bob" })).toBe(false);
    expect(await client.getBooleanValue("f", false)).toBe(false);
  });

  it("gives the fallback when KV fails", async () => {
    const kv = new MemoryKV();
    kv.fail("get", 503);
    const errors: string[] = [];
    const flags = new FeatureFlags(kv, { failure: "throw", onError: ({ code }) => errors.push(code) });
    await OpenFeature.setProviderAndWait(new KvFlagProvider(flags));

    expect(await OpenFeature.getClient().getBooleanDetails("f", true)).toMatchObject({
      value: true,
      reason: "ERROR",
      errorCode: "GENERAL",
    });
    expect(errors).toContain("UNAVAILABLE");
  });
});
