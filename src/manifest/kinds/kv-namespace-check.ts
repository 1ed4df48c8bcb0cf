import { type ManifestOf, placeOf } from "../manifest.js";
import { checkAnnotations } from "./kv-namespace-annotations.js";
import { quote } from "../findings/quote.js";

const PROVISIONER = "project-planton.org/provisioner";
const ENGINE_LABELS = /^(pulumi|terraform)\.project-planton\.org\//;

/** Warns of fields of a namespace's document that are accepted but have no effect. */
export function checkNamespace(manifest: ManifestOf<"CloudflareKvNamespace">): void {
  const { metadata } = manifest.value;
  if (manifest.value.status !== undefined) {
    ignored(manifest, ["status"], "status has no effect: Terraform's state knows what was deployed");
  }
  if (metadata.relationships !== undefined && metadata.relationships.length > 0) {
    ignored(manifest, ["metadata", "relationships"], "relationships have no effect: a namespace depends on nothing");
  }
  for (const [label, value] of Object.entries(metadata.labels ?? {})) {
    const path = ["metadata", "labels", label];
    if (label === PROVISIONER && value.toLowerCase() === "pulumi") {
      ignored(
        manifest,
        path,
        `the provisioner ${quote(value)} has no effect: the output is Terraform JSON, for terraform and tofu`,
      );
    } else if (ENGINE_LABELS.test(label)) {
      ignored(
        manifest,
        path,
        `the label ${quote(label)} has no effect: state is a file beside cdktf.out, or a backend configured in TypeScript`,
      );
    }
  }
  checkAnnotations(manifest);
}

function ignored(manifest: ManifestOf<"CloudflareKvNamespace">, path: readonly string[], message: string): void {
  placeOf(manifest, ...path).report({ code: "HAS_NO_EFFECT", severity: "warning", message });
}
