import { EnvironmentSetCheck } from "./kinds/environment-set-check.js";
import { checkNamespace } from "./kinds/kv-namespace-check.js";
import { checkTemplate } from "./kinds/template-check.js";
import { credentialViolation } from "./kinds/credential.js";
import type { Files } from "./files/files.js";
import type { Severity } from "./findings/findings.js";
import { type Manifest, type ManifestOf, placeOf } from "./manifest.js";
import { namespaceOptions } from "./kinds/kv-namespace-annotations.js";
import { quote } from "./findings/quote.js";
import { freeConstructName } from "./schema/rules.js";

/**
 * Checks what only a whole document shows, and returns it with the result. A document with errors has no complete value
 * to check.
 */
export function checkManifest(manifest: Manifest, files: Files): Manifest {
  if (!manifest.isValid) return manifest;
  const { findings } = manifest.place.context;
  const errors = findings.errors;
  check(manifest, files);
  return { ...manifest, isValid: findings.errors === errors };
}

function check(manifest: Manifest, files: Files): void {
  switch (manifest.kind) {
    case "CloudflareKvNamespace":
      checkNamespace(manifest);
      return;
    case "CloudflareCredential": {
      const violation = credentialViolation(manifest.value);
      if (violation !== undefined) placeOf(manifest, "spec").report(violation);
      return;
    }
    case "EnvironmentSet":
      new EnvironmentSetCheck(manifest, files).run();
      return;
    case "workers_kv":
      checkTemplate(manifest, files);
      return;
    case "Kustomization":
      return;
  }
}

/** The name of a namespace's construct. */
export function constructName({ value }: ManifestOf<"CloudflareKvNamespace">): string {
  const { name } = value.metadata;
  return freeConstructName(name === undefined || name.trim() === "" ? value.spec.namespaceName : name);
}

/** Checks what only the documents of one stack show together. */
export function checkStack(manifests: readonly Manifest[]): void {
  const names = new Map<string, Manifest>();
  for (const manifest of manifests) {
    if (!manifest.isValid) continue;
    for (const [name, ...path] of namesIn(manifest)) {
      const other = names.get(name);
      if (other === undefined) names.set(name, manifest);
      else {
        const message = `the name ${quote(name.slice(name.indexOf(" ") + 1))} is taken by ${whereIs(other)}`;
        placeOf(manifest, ...path).report({ code: "DUPLICATE_NAME", message });
      }
    }
  }
  checkNamespaceNames(manifests, "error");
}

/** What each document defines in its stack, and where it says so. */
function namesIn(manifest: Manifest): [name: string, ...path: (string | number)[]][] {
  switch (manifest.kind) {
    case "CloudflareKvNamespace":
      return [[`construct ${asId(constructName(manifest))}`, "metadata", "name"]];
    case "workers_kv":
      return manifest.value.resources.map(({ id }, index) => [`construct ${asId(id)}`, "resources", index, "id"]);
    case "EnvironmentSet":
      return [[`set ${manifest.value.metadata.name}`, "metadata", "name"]];
    case "CloudflareCredential":
      return [[`credential ${manifest.value.metadata.name ?? ""}`, "metadata", "name"]];
    case "Kustomization":
      return [];
  }
}

/** cdktf treats `a/b` and `a--b` as one name. */
function asId(name: string): string {
  return name.replaceAll("/", "--");
}

/** Namespaces' names are unique in an account: an error in one stack, worth a look between stacks. */
export function checkNamespaceNames(manifests: readonly Manifest[], severity: Severity): void {
  const names = new Map<string, Manifest>();
  for (const manifest of manifests) {
    if (!manifest.isValid) continue;
    for (const [name, accountId, ...path] of namespaceNamesIn(manifest)) {
      const key = `${accountId} ${name}`;
      const other = names.get(key);
      if (other === undefined) names.set(key, manifest);
      else {
        const message = isSame(manifest, other)
          ? `two kustomizations define a namespace with the namespaceName ${quote(name)}, which is unique in an account: patch one of them`
          : `the namespaceName ${quote(name)} is taken by ${whereIs(other)}: it is unique in an account`;
        placeOf(manifest, ...path).report({ code: "DUPLICATE_NAMESPACE_NAME", severity, message });
      }
    }
  }
}

function namespaceNamesIn(manifest: Manifest): [name: string, accountId: string, ...path: (string | number)[]][] {
  if (manifest.kind === "CloudflareKvNamespace") {
    return [[manifest.value.spec.namespaceName, namespaceOptions(manifest).accountId ?? "", "spec", "namespaceName"]];
  }
  if (manifest.kind !== "workers_kv") return [];
  const { projectName, accountId = "", resources } = manifest.value;
  return resources.flatMap(({ type, name }, index): [string, string, ...(string | number)[]][] =>
    type === "cloudflare_kv" ? [[`${projectName}-${name}`, accountId, "resources", index, "name"]] : [],
  );
}

/** Whether two manifests were made of one document, by two kustomizations that share it. */
function isSame({ document: a }: Manifest, { document: b }: Manifest): boolean {
  return a.source === b.source && a.number === b.number;
}

function whereIs({ document }: Manifest): string {
  const { source, root } = document;
  return `${source.file}:${source.position(root.start).line}`;
}
