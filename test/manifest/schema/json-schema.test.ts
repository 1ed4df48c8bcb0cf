import Ajv from "ajv";
import { readdirSync, readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { jsonSchema, type ManifestKind } from "../../../src/manifest/index.js";
import { readText } from "../read-text.js";

function accepts(kind: ManifestKind, value: unknown): boolean {
  return new Ajv().validate(jsonSchema(kind), value) === true;
}

describe("the JSON schema", () => {
  it.each(readdirSync("examples/manifests").filter((file) => file.endsWith(".yaml")))(
    "accepts the example %s",
    (file) => {
      const text = readFileSync(`examples/manifests/${file}`, "utf8");
      const kinds = readText(text).units.flatMap(({ manifests }) => manifests.map(({ kind }) => kind));
      const [kind = "Kustomization"] = kinds;
      for (const document of parseAllDocuments(text)) expect(accepts(kind, document.toJS())).toBe(true);
    },
  );

  it.each<[object, boolean]>([
    [{ namespaceName: "shop", ttlSeconds: 300 }, true],
    [{ namespace_name: "shop", ttl_seconds: "300" }, true],
    [{ namespaceName: "shop", ttlSeconds: null, description: null }, true],
    [{ namespaceName: "n".repeat(64) }, true],
    [{ namespaceName: "n".repeat(65) }, false],
    [{ namespaceName: "" }, false],
    [{ ttlSeconds: 300 }, false],
    [{ namespaceName: "shop", ttlSeconds: -1 }, false],
    [{ namespaceName: "shop", ttlSeconds: 0.5 }, false],
    [{ namespaceName: "shop", ttlSeconds: "5m" }, false],
    [{ namespaceName: "shop", accountId: "x" }, false],
    [{ namespaceName: 123 }, false],
  ])("of a namespace with spec %j: %s", (spec, expected) => {
    const document = {
      apiVersion: "cloudflare.project-planton.org/v1",
      kind: "CloudflareKvNamespace",
      metadata: { name: "shop" },
      spec,
    };
    expect(accepts("CloudflareKvNamespace", document)).toBe(expected);
  });

  it("knows the kind and the apiVersion", () => {
    const document = { apiVersion: "v1", kind: "CloudflareKvNamespace", metadata: {}, spec: { namespaceName: "x" } };
    expect(accepts("CloudflareKvNamespace", document)).toBe(false);
  });
});
