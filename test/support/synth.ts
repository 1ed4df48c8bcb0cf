import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack, Testing } from "cdktf";
import { type Json, PROVIDER_VERSIONS, schemaProblems, type StackJson } from "./provider-schema.js";

const folder = mkdtempSync(join(tmpdir(), "synth-"));
let apps = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An app that writes to a folder of its own, gone after the test file. */
export function testApp(): App {
  return Testing.app({ outdir: join(folder, String(++apps)), context: { lock: false } });
}

/** A stack with Cloudflare's provider in an app of its own. */
export function testStack(name = "dev"): TerraformStack {
  const stack = new TerraformStack(testApp(), name);
  new CloudflareProvider(stack, "cloudflare");
  return stack;
}

/** Synthesizes the stack's whole app, with all of its validations, and reads what was written for the stack. */
export function synthToJson(stack: TerraformStack): StackJson {
  const app = App.of(stack);
  app.synth();
  const { synthesizedStackPath } = app.manifest.forStack(stack);
  return JSON.parse(readFileSync(join(app.outdir, synthesizedStackPath), "utf8")) as StackJson;
}

/** Where the stack's files are after {@link synthToJson}: Terraform's working directory. */
export function workingDirectoryOf(stack: TerraformStack): string {
  const app = App.of(stack);
  return join(app.outdir, app.manifest.forStack(stack).workingDirectory);
}

/** The synthesized resources of one type, by logical id, without cdktf's notes. */
export function resourcesOf(stack: TerraformStack, type: string): Record<string, Json> {
  const { resource = {} } = readable(synthToJson(stack));
  return resource[type] ?? {};
}

/**
 * What a person wants to see of a synthesized stack: cdktf's own notes are left
 * out, and so is the backend it adds when a stack has none; the notes of this
 * package (`//`.cfkv) stay.
 */
export function readable(json: StackJson): StackJson {
  const { "//": notes, terraform, ...rest } = withoutNotes(json) as StackJson & { "//"?: Json };
  const { backend, ...settings } = (terraform ?? {}) as Json & { backend?: { local?: { path?: string } } };
  const isDefault = backend?.local?.path?.startsWith(join(process.cwd(), "terraform.")) === true;
  return {
    ...(notes === undefined ? {} : { "//": notes }),
    ...rest,
    terraform: isDefault || backend === undefined ? settings : { backend, ...settings },
  };
}

function withoutNotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (name !== "//") return [[name, withoutNotes(member)]];
      const { cfkv } = member as { cfkv?: unknown };
      return cfkv === undefined ? [] : [[name, { cfkv }]];
    }),
  );
}

/** Fails with every problem the oldest or the newest provider has with a synthesized stack. */
export function expectFitsProvider(stack: StackJson | TerraformStack): void {
  const json = TerraformStack.isStack(stack) ? synthToJson(stack) : stack;
  const problems = Object.fromEntries(PROVIDER_VERSIONS.map((version) => [version, schemaProblems(json, version)]));
  expect(problems).toEqual(Object.fromEntries(PROVIDER_VERSIONS.map((version) => [version, []])));
}
