import { type Diagnostic, type ManifestSet, readManifests, type ReadOptions } from "../../src/manifest/index.js";

/** Reads a text as `cfkv validate -` does. */
export function readText(text: string | Uint8Array, options: ReadOptions = {}): ManifestSet {
  return readManifests(["-"], { ...options, stdin: typeof text === "string" ? Buffer.from(text) : text });
}

/** `code path` of every problem, warnings marked. */
export function codesOf({ problems }: { readonly problems: readonly Diagnostic[] }): string[] {
  return problems.map(({ severity, code, path }) =>
    `${severity === "warning" ? "warning " : ""}${code} ${path}`.trim(),
  );
}

/** A namespace's document with the given lines under `spec`, or with another part replaced. */
export function namespaceYaml(
  spec: string,
  replace: { metadata?: string; head?: string; after?: string } = {},
): string {
  const { metadata = "metadata:\n  name: shop", after = "" } = replace;
  const { head = "apiVersion: cloudflare.project-planton.org/v1\nkind: CloudflareKvNamespace" } = replace;
  return `${head}\n${metadata}\nspec:\n${spec.replace(/^/gm, "  ")}\n${after}`;
}

/** The decoded spec of the only document; undefined when it has problems. */
export function specOf(text: string): unknown {
  const [manifest] = readText(text).units.flatMap(({ manifests }) => manifests);
  return manifest?.isValid === true && "spec" in manifest.value ? manifest.value.spec : undefined;
}
