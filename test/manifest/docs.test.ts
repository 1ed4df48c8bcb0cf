import { readFileSync } from "node:fs";
import { MANIFEST_SCHEMAS } from "../../src/manifest/kinds/kinds.js";
import type { SchemaNode } from "../../src/manifest/schema/schema.js";
import { codesOf, readText } from "./read-text.js";

const PAGE = readFileSync("docs/manifest.md", "utf8");

describe("docs/manifest.md", () => {
  it.each(Object.entries(MANIFEST_SCHEMAS))("names every field of %s", (_, schema) => {
    const missing = [...fieldsOf(schema)].filter((field) => !new RegExp(`[\`.]${field}\``).test(PAGE));
    expect(missing).toEqual([]);
  });
});

describe("docs/coming-from-planton.md", () => {
  const page = readFileSync("docs/coming-from-planton.md", "utf8");
  const manifests = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = ""]) => text);

  it.each(manifests)("shows a manifest that is valid: %s", (text) => {
    expect(codesOf(readText(text)).filter((code) => !code.startsWith("warning"))).toEqual([]);
  });
});

/** The names of all fields of a schema, at every depth. */
function* fieldsOf(schema: SchemaNode): Generator<string> {
  switch (schema.type) {
    case "object":
      for (const [name, field] of Object.entries(schema.fields)) {
        yield name;
        yield* fieldsOf(field);
      }
      return;
    case "list":
      yield* fieldsOf(schema.items);
      return;
    case "map":
      yield* fieldsOf(schema.values);
      return;
    case "anyOf":
      for (const option of schema.options) yield* fieldsOf(option);
      return;
    case "variants":
      for (const option of Object.values(schema.cases)) yield* fieldsOf(option);
      return;
    case "text":
    case "number":
    case "boolean":
    case "json":
      return;
  }
}
