import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { anyJsonSchema, jsonSchema, MANIFEST_KINDS, type ManifestKind } from "../../src/manifest/index.js";
import { commandTable, commandsTable, readCommands } from "./commands.js";
import { checkTable, configCodeTable, errorTable, manifestCodeTable, runtimeCodeTable } from "./codes.js";
import { fieldTable } from "./fields.js";
import { exampleTable, priceTable } from "./prices.js";
import { reportCheckTable } from "./report-checks.js";
import { printedSchemas } from "./schemas.js";
import { fill, type Section, sectionsOf } from "./page.js";
import { wranglerFieldTable } from "./wrangler-fields.js";
import { clientTable, controlTable, routeTable } from "./routes.js";

/** The file of each kind's JSON schema. */
const SCHEMA_FILES: Readonly<Record<ManifestKind, string>> = {
  CloudflareKvNamespace: "cloudflare-kv-namespace",
  CloudflareCredential: "cloudflare-credential",
  EnvironmentSet: "environment-set",
  Kustomization: "kustomization",
  workers_kv: "workers-kv",
};

/** Every file that is generated, or has generated sections, with what belongs into it. Writes nothing. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const kind of MANIFEST_KINDS) files.set(`schema/${SCHEMA_FILES[kind]}.json`, jsonText(jsonSchema(kind)));
  files.set("schema/manifest.json", jsonText(anyJsonSchema()));
  for (const [path, schema] of printedSchemas()) files.set(path, jsonText(schema));

  const pages = readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => ({ path: join("docs", name), text: readFileSync(join("docs", name), "utf8") }));
  const commands = await readCommands();
  const pageOf = new Map(pages.flatMap(({ path, text }) => sectionsOf(text).map((name) => [name, path] as const)));
  const sections = new Map<string, Section>([
    ["errors", errorTable],
    ["manifest codes", manifestCodeTable],
    ["checks", checkTable],
    ["runtime codes", runtimeCodeTable],
    ["configuration codes", configCodeTable],
    ["wrangler fields", wranglerFieldTable],
    ["routes", routeTable],
    ["controls", controlTable],
    ["clients", clientTable],
    ["prices", priceTable],
    ["report checks", reportCheckTable],
    ["pricing examples", exampleTable],
    ["commands", () => commandsTable(commands, pageOf)],
    ...commands.map((command) => [`command ${command.name}`, () => commandTable(command)] as const),
    ...MANIFEST_KINDS.map((kind) => [`fields ${kind}`, () => fieldTable(kind)] as const),
  ]);
  for (const name of sections.keys()) {
    if (!pageOf.has(name))
      throw new Error(`no page has a section '${name}': write <!-- generated: ${name} --> in docs/`);
  }
  for (const { path, text } of pages) files.set(path, fill(path, text, sections));
  return files;
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
