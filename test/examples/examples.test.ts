import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackJson } from "../support/provider-schema.js";
import { expectFitsProvider, readable } from "../support/synth.js";

const ACCOUNT = "00000000000000000000000000000001";
const folder = mkdtempSync(join(tmpdir(), "examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["minimal", "compose", "existing-namespace", "gradual"])("examples/%s", (example) => {
  const stacks = synthesize(example);

  it.each(Object.entries(stacks))("%s fits both providers", (_, json) => {
    expectFitsProvider(json);
  });

  it.each(Object.entries(stacks))("%s has the resources and outputs it had", (_, json) => {
    const { resource, data, output, variable, import: imports } = readable(json);
    const text = JSON.stringify({ resource, data, output, variable, import: imports });
    expect(
      JSON.parse(text.replace(/[0-9a-f]{64}/g, "<sha256>").replace(/"[0-9a-f]{25}"/g, '"<digest>"')),
    ).toMatchSnapshot();
  });
});

/** Runs the example as its reader would, into a folder of its own. */
function synthesize(example: string): Record<string, StackJson> {
  const outdir = join(folder, example);
  const tsx = join(process.cwd(), "node_modules", ".bin", "tsx");
  execFileSync(tsx, ["main.ts"], {
    cwd: join("examples", example),
    env: { ...process.env, CDKTF_OUTDIR: outdir, CLOUDFLARE_ACCOUNT_ID: ACCOUNT },
    stdio: "pipe",
  });
  return Object.fromEntries(
    readdirSync(join(outdir, "stacks")).map((stack) => [
      stack,
      JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8")) as StackJson,
    ]),
  );
}
