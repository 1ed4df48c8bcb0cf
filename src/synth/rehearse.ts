import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { type ManifestSet } from "../manifest/index.js";
import { defineEnvironmentSet } from "./define-environment-set.js";
import { defineTemplate } from "./define-template.js";
import { attempt } from "./problems.js";

/**
 * Defines Workers and environments without writing them, so that the constructs' own rules are judged too: routes,
 * crons, rollouts and names of Workers are theirs alone. Code need not exist yet, and any account will do.
 */
export function rehearse(set: ManifestSet): void {
  const manifests = set.units.flatMap(({ manifests }) => manifests).filter(({ isValid }) => isValid);
  if (!manifests.some(({ kind }) => kind === "EnvironmentSet" || kind === "workers_kv")) return;
  // An app makes its folder before anything is known of it.
  const folder = mkdtempSync(join(tmpdir(), "cfkv-rehearsal-"));
  try {
    manifests.forEach((manifest, index) => {
      const app = new App({ outdir: join(folder, String(index)), skipValidation: true });
      const options = { isRehearsal: true } as const;
      if (manifest.kind === "EnvironmentSet") attempt(manifest, () => defineEnvironmentSet(app, manifest, options));
      if (manifest.kind === "workers_kv") {
        attempt(manifest, () => defineTemplate(new TerraformStack(app, "rehearsal"), manifest, options));
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
