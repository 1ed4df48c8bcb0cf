import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { type ManifestSet, readManifests } from "../../../src/manifest/index.js";
import { tempDirs } from "../../support/temp-dir.js";
import { codesOf, namespaceYaml } from "../read-text.js";

const dirs = tempDirs();

function read(...paths: string[]): ManifestSet {
  return readManifests(paths.length === 0 ? ["."] : paths, { cwd: dirs.path() });
}

/** metadata.name, labels and spec of each namespace, by unit. */
function contents(set: ManifestSet): Record<string, unknown[]> {
  return Object.fromEntries(
    set.units.map(({ name, manifests }) => [
      name,
      manifests.map(({ value }) => {
        const { metadata, spec } = value as { metadata: { name?: string; labels?: unknown }; spec: object };
        return { name: metadata.name, ...(metadata.labels !== undefined && { labels: metadata.labels }), ...spec };
      }),
    ]),
  );
}

describe("a kustomization", () => {
  beforeEach(() => {
    dirs.write(
      "kv/cache.yaml",
      namespaceYaml("namespace_name: shop-cache\nttl_seconds: 300", { metadata: "metadata: {name: cache}" }),
    );
    dirs.write(
      "kv/config.yaml",
      namespaceYaml("namespace_name: shop-config", { metadata: "metadata: {name: config}" }),
    );
  });

  function kustomization(body: string, file = "kv/kustomization.yaml"): void {
    dirs.write(file, `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${body}`);
  }

  it("is one stack of all its resources, which do not count a second time on their own", () => {
    kustomization("resources: [cache.yaml, config.yaml]\n");
    const set = read("kv");
    expect(codesOf(set)).toEqual([]);
    expect(contents(set)).toEqual({
      kv: [
        { name: "cache", namespaceName: "shop-cache", ttlSeconds: 300 },
        { name: "config", namespaceName: "shop-config" },
      ],
    });
  });

  it("renames, labels and patches in Kustomize's order: patches know the names of the resources", () => {
    kustomization(`
resources: [cache.yaml, config.yaml]
namePrefix: dev-
nameSuffix: -eu
commonLabels: {team: shop}
labels:
  - pairs: {tier: edge}
    includeSelectors: true
patches:
  - patch: |-
      apiVersion: cloudflare.project-planton.org/v1
      kind: CloudflareKvNamespace
      metadata: {name: cache}
      spec: {namespaceName: shop-cache-dev, ttlSeconds: null}
  - target: {kind: Cloudflare.*, name: con.*}
    patch: |-
      - {op: replace, path: /spec/namespaceName, value: shop-config-dev}
      - {op: add, path: /metadata/labels, value: {a/b: c}}
      - {op: copy, from: /metadata/labels/a~1b, path: /metadata/labels/d}
      - {op: test, path: /metadata/labels/d, value: c}
`);
    const set = read("kv");
    expect(codesOf(set)).toEqual([]);
    expect(contents(set)["kv"]).toEqual([
      { name: "dev-cache-eu", labels: { tier: "edge", team: "shop" }, namespaceName: "shop-cache-dev" },
      {
        name: "dev-config-eu",
        labels: { "a/b": "c", d: "c", tier: "edge", team: "shop" },
        namespaceName: "shop-config-dev",
      },
    ]);
  });

  it.each([
    ["prefix", 'namePrefix: "a: #"', "a: #cache"],
    ["suffix", 'nameSuffix: " é\\n"', "cache é\n"],
    ["prefix of digits", 'namePrefix: "1"', "1cache"],
    ["prefix and suffix of a number", 'namePrefix: "0x"\nnameSuffix: "1"', "0xcache1"],
  ])("adds a %s to the characters of a name, whatever they mean in YAML", (_, lines, name) => {
    kustomization(`resources: [cache.yaml]\n${lines}\n`);
    expect(contents(read("kv"))["kv"]).toMatchObject([{ name }]);
  });

  it("makes text of a name that is no longer what it was in YAML, and leaves nothing to rename alone", () => {
    for (const [name, renamed] of [
      ["5", "15"],
      ["null", "1null"],
      ['"5"', "15"],
      ["'a''b'", "1a'b"],
    ] as const) {
      dirs.write("kv/cache.yaml", namespaceYaml("namespace_name: x", { metadata: `metadata: {name: ${name}}` }));
      kustomization('resources: [cache.yaml]\nnamePrefix: "1"\n');
      expect([name, contents(read("kv"))["kv"]]).toMatchObject([name, [{ name: renamed }]]);
    }
    dirs.write("kv/cache.yaml", namespaceYaml("namespace_name: x", { metadata: "metadata: {labels: {a: b}}" }));
    expect(contents(read("kv"))["kv"]).toMatchObject([{ name: undefined, labels: { a: "b" } }]);
    dirs.write("kv/cache.yaml", namespaceYaml("namespace_name: x", { metadata: "metadata: {name: 5}" }));
    kustomization('resources: [cache.yaml]\nnamePrefix: ""\nnameSuffix: ""\n');
    expect(codesOf(read("kv"))).toContain("WRONG_TYPE metadata.name");
  });

  it("renames, labels and patches what a patch has made of a resource", () => {
    kustomization(`
resources: [cache.yaml]
namePrefix: dev-
commonLabels: {team: shop}
patches:
  - target: {name: cache}
    patch: |-
      - {op: replace, path: /metadata, value: {name: "new: one", labels: {team: old, tier: "1"}}}
  - target: {name: "new: one"}
    patch: "{spec: {ttlSeconds: 600}}"
`);
    expect(contents(read("kv"))["kv"]).toEqual([
      { name: "dev-new: one", labels: { team: "shop", tier: "1" }, namespaceName: "shop-cache", ttlSeconds: 600 },
    ]);
  });

  it("can leave a document out with '$patch: delete', and takes patches from files", () => {
    dirs.write("kv/patches/drop.yaml", "kind: CloudflareKvNamespace\nmetadata: {name: cache}\n$patch: delete\n");
    kustomization("resources: [cache.yaml, config.yaml]\npatches: [{path: patches/drop.yaml}]\n");
    const set = read("kv");
    expect(codesOf(set)).toEqual([]);
    expect(contents(set)["kv"]).toEqual([{ name: "config", namespaceName: "shop-config" }]);
  });

  it("may stand on another one, anywhere: overlays share a base", () => {
    kustomization("resources: [cache.yaml]\n");
    for (const overlay of ["dev", "prod"]) {
      kustomization(
        `resources: [../../kv]\npatches:\n  - target: {name: cache}\n    patch: "{spec: {namespaceName: cache-${overlay}}}"\n`,
        `overlays/${overlay}/kustomization.yaml`,
      );
    }
    const set = read("overlays");
    expect(codesOf(set)).toEqual([]);
    expect(contents(set)).toEqual({
      dev: [{ name: "cache", namespaceName: "cache-dev", ttlSeconds: 300 }],
      prod: [{ name: "cache", namespaceName: "cache-prod", ttlSeconds: 300 }],
    });
  });

  it("that names two kustomizations' namespaces alike is warned of", () => {
    kustomization("resources: [cache.yaml]\n");
    for (const overlay of ["dev", "prod"]) kustomization("resources: [../kv]\n", `${overlay}/kustomization.yaml`);
    expect(read("dev", "prod").problems).toMatchObject([
      {
        severity: "warning",
        code: "DUPLICATE_NAMESPACE_NAME",
        message: expect.stringContaining("two kustomizations") as string,
      },
    ]);
  });

  it("points into the patch when the patch is what is wrong", () => {
    kustomization(
      'resources: [cache.yaml]\npatches:\n  - target: {name: cache}\n    patch: |-\n      spec:\n        ttlSeconds: "soon"\n',
    );
    expect(read("kv").problems).toMatchObject([
      { code: "WRONG_TYPE", path: "spec.ttl_seconds", file: "kv/kustomization.yaml", line: 8, column: 21 },
    ]);
  });

  it("points into the resource when the resource is what is wrong", () => {
    dirs.write("kv/cache.yaml", namespaceYaml("namespace_name: x\nttl_seconds: 5"));
    kustomization("resources: [cache.yaml]\n");
    expect(read("kv").problems).toMatchObject([{ code: "TTL_TOO_SHORT", file: "kv/cache.yaml", line: 7, column: 16 }]);
  });

  it("must stay inside its folder, also through symbolic links", () => {
    dirs.write("secret.yaml", namespaceYaml("namespace_name: secret"));
    symlinkSync(dirs.path("secret.yaml"), dirs.path("kv/link.yaml"));
    kustomization("resources: [../secret.yaml, link.yaml]\npatches: [{path: ../secret.yaml}]\n");
    expect(codesOf(read("kv"))).toEqual([
      "OUTSIDE_ROOT resources[0]",
      "OUTSIDE_ROOT resources[1]",
      "OUTSIDE_ROOT patches[0].path",
      // Named beside the kustomization by its folder, the link is a file like others.
    ]);
  });

  it("must not include itself, on whatever way", () => {
    kustomization("resources: [../b]\n", "a/kustomization.yaml");
    kustomization("resources: [../a]\n", "b/kustomization.yaml");
    expect(codesOf(read("a/kustomization.yaml"))).toEqual(["KUSTOMIZATION_CYCLE resources[0]"]);
  });

  it("must name what exists, is near, and is no template", () => {
    dirs.write("kv/template.yaml", "project_name: x\narchitecture_type: workers_kv\nresources: []\n");
    kustomization("resources: [nowhere.yaml, https://example.com/x.yaml, template.yaml, kustomization.yaml]\n");
    expect(codesOf(read("kv/kustomization.yaml"))).toEqual([
      "RESOURCE_NOT_FOUND resources[0]",
      "REMOTE_RESOURCE resources[1]",
      "INVALID_VALUE resources[2]",
      "KUSTOMIZATION_CYCLE resources[3]",
    ]);
  });

  it("reports a path with a NUL in it like any other that does not exist", () => {
    kustomization('resources: ["a\\0b"]\n');
    expect(codesOf(read("kv/kustomization.yaml"))).toEqual(["RESOURCE_NOT_FOUND resources[0]"]);
  });

  it("needs no kind in a file of its name", () => {
    dirs.write("kv/kustomization.yml", "resources: [cache.yaml]\n");
    expect(codesOf(read("kv/kustomization.yml"))).toEqual([]);
  });

  it.each([
    ["remove", "{op: remove, path: /spec/description}", "remove names a path that the document does not have"],
    [
      "replace",
      "{op: replace, path: /spec/description, value: x}",
      "replace names a path that the document does not have",
    ],
    ["test", "{op: test, path: /spec/ttlSeconds, value: 301}", "test failed: the document has another value"],
    ["add", "{op: add, path: /spec/a/b, value: x}", "add names a path whose parent the document does not have"],
    [
      "move",
      "{op: move, from: /spec/description, path: /spec/x}",
      "move takes the value from a path that the document does not have",
    ],
    [
      "an unknown operation",
      "{op: set, path: /spec/x, value: 1}",
      "op must be one of add, remove, replace, move, copy, test, got 'set'",
    ],
    ["a path without a slash", "{op: remove, path: spec}", "path and from must begin with '/', as in /spec/ttlSeconds"],
  ])("tells why %s cannot be applied", (_, operation, message) => {
    kustomization(
      `resources: [cache.yaml]\npatches:\n  - target: {name: cache}\n    patch: |-\n      - ${operation}\n`,
    );
    expect(read("kv").problems).toMatchObject([
      { code: "PATCH_FAILED", message: `the patch cannot be applied: ${message}` },
    ]);
  });
});

it("includes a diamond of kustomizations only so often", () => {
  for (let level = 0; level < 25; level++) {
    for (const side of ["a", "b"]) {
      dirs.write(
        `${side}${level}/kustomization.yaml`,
        `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../a${level + 1}, ../b${level + 1}]\n`,
      );
    }
  }
  for (const side of ["a", "b"]) {
    dirs.write(
      `${side}25/kustomization.yaml`,
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [kv.yaml]\n",
    );
    dirs.write(
      `${side}25/kv.yaml`,
      namespaceYaml(`namespace_name: ${side}`, { metadata: `metadata: {name: ${side}}` }),
    );
  }
  expect(codesOf(read("a0"))).toEqual(["KUSTOMIZATION_CYCLE resources[0]"]);
});

it("reads no pipes, neither those it finds nor those a kustomization names", () => {
  dirs.write("kv/cache.yaml", namespaceYaml("namespace_name: cache", { metadata: "metadata: {name: cache}" }));
  execFileSync("mkfifo", [dirs.path("kv/pipe.yaml")]);
  expect(read("kv").problems).toEqual([]);
  dirs.write(
    "kv/kustomization.yaml",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [cache.yaml, pipe.yaml]\n",
  );
  expect(codesOf(read("kv"))).toEqual(["RESOURCE_NOT_FOUND resources[1]"]);
});
