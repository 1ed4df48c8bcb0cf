import fc from "fast-check";
import { synthManifests } from "../../src/synth/index.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();
const accountId = "0123456789abcdef0123456789abcdef";

const name = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 70 }),
  fc.constantFrom(
    "cloudflare",
    "cfkv",
    "namespace_ids",
    "Resource",
    "a/b",
    "a--b",
    "constructor",
    "${x}",
    "%{x}",
    "-",
    " a ",
  ),
);
const namespace = fc.record({
  name,
  namespaceName: name,
  ttlSeconds: fc.constantFrom(0, 60, 2_147_483_647),
  description: fc.string({ unit: "binary", maxLength: 40 }),
});

describe("any namespaces that are valid", () => {
  it("become a stack, and those that are not become problems", () => {
    let written = 0;
    fc.assert(
      fc.property(fc.array(namespace, { minLength: 1, maxLength: 3 }), (namespaces) => {
        const documents = namespaces.map(({ name: metadataName, ...spec }) =>
          JSON.stringify({
            apiVersion: "cloudflare.project-planton.org/v1",
            kind: "CloudflareKvNamespace",
            metadata: { name: metadataName },
            spec,
          }),
        );
        dirs.write("kv.yaml", documents.join("\n---\n"));
        const set = synthManifests(dirs.path("out"), ["kv.yaml"], { cwd: dirs.path(), accountId });
        if (set.isValid()) written += 1;
        // What the manifest's own rules let through, constructs must not refuse.
        expect(set.problems.filter(({ code }) => code === "INVALID_PROPS")).toEqual([]);
      }),
      { numRuns: 120, seed: 20261121 },
    );
    expect(written).toBeGreaterThan(20);
  });
});
