import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareVersions, rangeOf } from "../../src/constructs/provider-range.js";

/** Pins a stack's provider to one version, and keeps the state beside the stack. */
export function pin(folder: string, version: string): void {
  const cloudflare = { source: "cloudflare/cloudflare", version };
  const terraform = { required_providers: { cloudflare }, backend: { local: { path: "e2e.tfstate" } } };
  writeFileSync(join(folder, "pin_override.tf.json"), JSON.stringify({ terraform }));
  rmSync(join(folder, ".terraform.lock.hcl"), { force: true });
}

/** The range of provider versions that the stack in a folder asks for, if this one is not in it. */
export function rangeWithout(version: string, folder: string): string | undefined {
  const document = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as {
    readonly terraform?: { readonly required_providers?: { readonly cloudflare?: { readonly version?: string } } };
  };
  const asked = document.terraform?.required_providers?.cloudflare?.version;
  if (asked === undefined) return undefined;
  const { from, below } = rangeOf(asked);
  return compareVersions(version, from) < 0 || compareVersions(version, below) >= 0 ? asked : undefined;
}

/** A stack that cannot be used with this version of the provider, by its own word. */
export class OutsideRange extends Error {}
