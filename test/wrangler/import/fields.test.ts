import { readFileSync } from "node:fs";
import { BINDING_KINDS } from "../../../src/wrangler/binding-kinds.js";
import { WRANGLER_FIELDS } from "../../../src/wrangler/import/fields.js";

interface ObjectSchema {
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
}

const { definitions } = JSON.parse(readFileSync("node_modules/wrangler/config-schema.json", "utf8")) as {
  definitions: { RawConfig: ObjectSchema; RawEnvironment: ObjectSchema };
};
const { RawConfig, RawEnvironment } = definitions;

describe("the table of wrangler's fields", () => {
  it("has every field of the installed wrangler's schema, and no other", () => {
    expect(Object.keys(WRANGLER_FIELDS).sort()).toEqual(Object.keys(RawConfig.properties).sort());
  });

  it("says of each whether an environment can have it", () => {
    const ofEnvironments = Object.keys(WRANGLER_FIELDS).filter((name) => WRANGLER_FIELDS[name]?.scope !== "top");
    expect(ofEnvironments.sort()).toEqual(Object.keys(RawEnvironment.properties).sort());
  });

  it("lets environments inherit what wrangler lets them inherit", () => {
    const notInherited = Object.entries(RawEnvironment.properties)
      .filter(([, { description = "" }]) => description.includes("not automatically inherited"))
      .map(([name]) => name);
    expect(notInherited.length).toBeGreaterThan(20);
    expect(notInherited.filter((name) => WRANGLER_FIELDS[name]?.scope !== "own")).toEqual([]);
  });

  it("carries over every kind of binding that an export writes", () => {
    const fields = BINDING_KINDS.map(({ field }) => field.split(".")[0] ?? field);
    expect(fields.filter((name) => WRANGLER_FIELDS[name]?.fate === "left")).toEqual([]);
  });
});
