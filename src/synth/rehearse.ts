import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import type { ManifestOf, ManifestSet } from "../manifest/index.js";
import { defineEnvironmentSet } from "./define-environment-set.js";
import { defineTemplate } from "./define-template.js";
import { attempt } from "./problems.js";

/**
 * Defines Workers and environments without writing them, so that the constructs' own rules are checked too: only they
 * check routes, crons, rollouts and names of Workers. Code need not exist yet, and any account is accepted.
 */
export function rehearse(set: ManifestSet): void {
  const manifests = set.units.flatMap(({ manifests }) => manifests).filter(({ isValid }) => isValid);
  if (!manifests.some(({ kind }) => kind === "EnvironmentSet" || kind === "workers_kv")) return;
  // An app creates its folder at once.
  const folder = mkdtempSync(join(tmpdir(), "cfkv-rehearsal-"));
  let apps = 0;
  const newApp = (): App =>
    new App({ outdir: join(folder, String(++apps)), skipValidation: true, context: { lock: false } });
  try {
    for (const manifest of manifests) {
      if (manifest.kind === "EnvironmentSet") rehearseSet(manifest, newApp);
      if (manifest.kind === "workers_kv") {
        attempt(manifest, () => defineTemplate(new TerraformStack(newApp(), "rehearsal"), manifest, REHEARSAL));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const REHEARSAL = { isRehearsal: true } as const;

/** The first environment with a problem ends the definition of a set: then each is checked on its own. */
function rehearseSet(manifest: ManifestOf<"EnvironmentSet">, newApp: () => App): void {
  if (attempt(manifest, () => defineEnvironmentSet(newApp(), manifest, REHEARSAL)) !== undefined) return;
  const { value } = manifest;
  for (const [name, environment] of Object.entries(value.spec.environments)) {
    const alone = { ...manifest, value: { ...value, spec: { ...value.spec, environments: { [name]: environment } } } };
    attempt(manifest, () => defineEnvironmentSet(newApp(), alone, REHEARSAL));
  }
}
