/** The kinds of documents that are read, in the order in which to read about them. A template has no `kind`. */
export const MANIFEST_KINDS = [
  "CloudflareKvNamespace",
  "CloudflareCredential",
  "EnvironmentSet",
  "Kustomization",
  "workers_kv",
] as const;

export type ManifestKind = (typeof MANIFEST_KINDS)[number];
