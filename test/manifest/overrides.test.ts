import { readManifests } from "../../src/manifest/index.js";
import { codesOf, namespaceYaml, readText } from "./read-text.js";

function valueWith(set: readonly string[], text = namespaceYaml("namespace_name: shop\nttl_seconds: 60")): unknown {
  const read = readText(text, { set });
  expect(codesOf(read)).toEqual([]);
  return read.units[0]?.manifests[0]?.value;
}

describe("--set", () => {
  it.each<[string, object]>([
    ["spec.ttlSeconds=300", { spec: { namespaceName: "shop", ttlSeconds: 300 } }],
    ["spec.ttl_seconds=300", { spec: { namespaceName: "shop", ttlSeconds: 300 } }],
    ["spec.ttlSeconds=null", { spec: { namespaceName: "shop" } }],
    ["spec.namespaceName=123", { spec: { namespaceName: "123", ttlSeconds: 60 } }],
    ["spec.namespaceName=a=b,c", { spec: { namespaceName: "a=b,c", ttlSeconds: 60 } }],
    ["spec.description=", { spec: { namespaceName: "shop", ttlSeconds: 60, description: "" } }],
    ['spec.description="null"', { spec: { namespaceName: "shop", ttlSeconds: 60, description: "null" } }],
    ["spec.description=yes", { spec: { namespaceName: "shop", ttlSeconds: 60, description: "yes" } }],
    ["metadata.labels.team=1", { metadata: { name: "shop", labels: { team: "1" } } }],
    ["metadata.labels.a\\.b/c=x", { metadata: { name: "shop", labels: { "a.b/c": "x" } } }],
    ['metadata.labels["a.b/c"]=x', { metadata: { name: "shop", labels: { "a.b/c": "x" } } }],
    ["metadata.labels={a: b, c: d}", { metadata: { name: "shop", labels: { a: "b", c: "d" } } }],
    ["metadata.tags=[a, b]", { metadata: { name: "shop", tags: ["a", "b"] } }],
    ["metadata.tags[0]=a", { metadata: { name: "shop", tags: ["a"] } }],
  ])("%s", (override, expected) => {
    expect(valueWith([override])).toMatchObject(expected);
  });

  it("is applied in the order given, to every document that has the field", () => {
    const credential =
      "---\napiVersion: code2cloud.planton.cloud/v1\nkind: CloudflareCredential\nmetadata: {name: c}\nspec: {api_token: '${T}'}\n";
    const text = `${namespaceYaml("namespace_name: a")}---\n${namespaceYaml("namespace_name: b", { metadata: "metadata: {name: b}" })}${credential}`;
    const { units } = readText(text, { set: ["spec.ttlSeconds=60", "spec.ttlSeconds=90"] });
    expect(units[0]?.manifests.map(({ value }) => "spec" in value && value.spec)).toEqual([
      { namespaceName: "a", ttlSeconds: 90 },
      { namespaceName: "b", ttlSeconds: 90 },
      { apiToken: "${T}" },
    ]);
  });

  it("reaches items of lists, booleans and mappings of an environment set", () => {
    const text = `apiVersion: cdktf-cloudflare-kv/v1
kind: EnvironmentSet
metadata: {name: shop}
spec:
  namespaces: {CACHE: {ttlSeconds: 60}}
  environments: {dev: {developers: [alice]}, prod: {}}
`;
    const set = [
      "spec.environments.dev.developers[0]=bob",
      "spec.environments.prod.protect=false",
      "spec.namespaces.CACHE.seed[0]=a.json",
    ];
    const { value } = readText(text, { set }).units[0]?.manifests[0] ?? {};
    expect(value).toMatchObject({
      spec: {
        namespaces: { CACHE: { ttlSeconds: 60, seed: ["a.json"] } },
        environments: { dev: { developers: ["bob"] }, prod: { protect: false } },
      },
    });
  });

  it("is validated like the file", () => {
    const { problems } = readText(namespaceYaml("namespace_name: shop"), { set: ["spec.ttlSeconds=5m"] });
    expect(problems).toMatchObject([
      {
        code: "WRONG_TYPE",
        file: "--set",
        line: 1,
        column: 17,
        message: "ttlSeconds must be a whole number, got '5m'",
      },
    ]);
  });

  it.each([
    [
      "spec.ttlSeconds",
      "INVALID_OVERRIDE",
      "an override must be path=value, as in spec.ttlSeconds=300, got 'spec.ttlSeconds'",
    ],
    ["=300", "INVALID_OVERRIDE", "an override must be path=value, as in spec.ttlSeconds=300, got '=300'"],
    ["spec..x=1", "INVALID_OVERRIDE", "an override must be path=value, as in spec.ttlSeconds=300, got 'spec..x=1'"],
    [
      "spec.ttlSecond=1",
      "OVERRIDE_NO_MATCH",
      "no document has the field to set: there is no field 'ttlSecond' (did you mean 'ttlSeconds'?)",
    ],
    ["metadata.tags[5]=a", "OVERRIDE_NO_MATCH", "no document has the field to set"],
  ])("refuses %s", (override, code, message) => {
    expect(readText(namespaceYaml("namespace_name: shop"), { set: [override] }).problems).toMatchObject([
      { code, message },
    ]);
  });

  it("refuses a value that is broken YAML", () => {
    expect(codesOf(readText(namespaceYaml("namespace_name: shop"), { set: ["metadata.labels={a: b"] }))).toEqual([
      "YAML_SYNTAX",
    ]);
  });

  it("has nothing to set where there is no document", () => {
    expect(codesOf(readManifests([], { set: ["spec.ttlSeconds=1"] }))).toEqual(["OVERRIDE_NO_MATCH"]);
  });
});
