import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROVIDER_VERSIONS, schemaProblems, type StackJson } from "../support/provider-schema.js";
import * as change from "./document.js";

const folder = mkdtempSync(join(tmpdir(), "cfkv-document-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STACKS = ["edge-store-dev-alice", "edge-store-prod"];
const read = (stack: string) =>
  JSON.parse(
    readFileSync(join("test/fixtures/assembly/edge-store/stacks", stack, "cdk.tf.json"), "utf8"),
  ) as change.Document;

describe.each(STACKS)("the changes that are tried on %s", (stack) => {
  const original = read(stack);
  const changes: [string, (document: change.Document) => change.Document][] = [
    ...(stack.endsWith("-prod") ? [["no protection", change.unprotected] as [string, typeof change.unprotected]] : []),
    ["a rename", change.renamed],
    ["a probe for code", (document) => change.withProbe(document, folder)],
    ["one more binding", (document) => change.withOneMoreBinding(document, "1".repeat(32))],
    ["an import", (document) => change.withImport(document, change.firstNamespace(document)?.address ?? "", "a/b")],
  ];

  it.each(changes)("change it and fit the provider: %s", (_, apply) => {
    const before = JSON.stringify(original);
    const after = apply(original);

    expect(JSON.stringify(original)).toBe(before);
    expect(JSON.stringify(after)).not.toBe(before);
    for (const version of PROVIDER_VERSIONS) expect(schemaProblems(after as StackJson, version)).toEqual([]);
  });
});

it("takes the protection from every kind of resource", () => {
  const lifecycle = { create_before_destroy: true, prevent_destroy: true };
  const both = { cloudflare_workers_kv_namespace: { a: { lifecycle } }, cloudflare_d1_database: { b: { lifecycle } } };

  expect(JSON.stringify(change.unprotected({ resource: both }))).not.toContain('"prevent_destroy":true');
});

it("gives all traffic to the last of two versions", () => {
  const versions = [
    { version_id: "a", percentage: 90 },
    { version_id: "b", percentage: 10 },
  ];
  const split = { resource: { cloudflare_workers_deployment: { d: { versions } } } };

  expect(change.rolledOut(split)?.resource?.cloudflare_workers_deployment?.d).toEqual({
    versions: [{ version_id: "b", percentage: 100 }],
  });
  expect(change.rolledOut({ resource: {} })).toBeUndefined();
});

it("knows which namespaces must be there before", () => {
  const id = "8a0bc1f3e7d94c6ab2f05d7e91c3b4a6";
  const bound = "0f2ac74b498b48028cb68387c421e279";
  const document: change.Document = {
    "//": { cfkv: { namespaces: { Texts: { namespaceName: "texts" } } } },
    import: [{ to: "cloudflare_workers_kv_namespace.V", id: `account/${id}` }],
    resource: {
      cloudflare_workers_kv_namespace: { V: { title: "visitors" } },
      cloudflare_workers_script: { W: { bindings: [{ type: "kv_namespace", name: "S", namespace_id: bound }] } },
    },
  };

  expect(change.presupposed(document, "me")).toEqual([
    { account: "me", id: bound, title: `elsewhere ${bound}` },
    { account: "me", id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, title: "texts" },
    { account: "account", id, title: "visitors" },
  ]);
});
