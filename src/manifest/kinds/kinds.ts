import { closest } from "../../suggest.js";
import { CREDENTIAL_SCHEMA, type CredentialDocument } from "./credential.js";
import { ENVIRONMENT_SET_API_VERSION, ENVIRONMENT_SET_SCHEMA, type EnvironmentSetDocument } from "./environment-set.js";
import { KUSTOMIZATION_SCHEMA, type KustomizationDocument } from "../kustomize/schema.js";
import { KV_NAMESPACE_SCHEMA, type KvNamespaceDocument, PLANTON_API_VERSION } from "./kv-namespace.js";
import { MANIFEST_KINDS, type ManifestKind } from "./names.js";
import type { ObjectNode } from "../schema/schema.js";
import { TEMPLATE_SCHEMA, type TemplateDocument } from "./template.js";

export { MANIFEST_KINDS, type ManifestKind };

/** What each kind of document decodes to. */
export interface ManifestKinds {
  readonly CloudflareKvNamespace: KvNamespaceDocument;
  readonly CloudflareCredential: CredentialDocument;
  readonly EnvironmentSet: EnvironmentSetDocument;
  readonly Kustomization: KustomizationDocument;
  readonly workers_kv: TemplateDocument;
}

/** Each kind's schema: the one definition of its rules, its type and its JSON schema. */
export const MANIFEST_SCHEMAS: Readonly<Record<ManifestKind, ObjectNode>> = {
  CloudflareKvNamespace: KV_NAMESPACE_SCHEMA,
  CloudflareCredential: CREDENTIAL_SCHEMA,
  EnvironmentSet: ENVIRONMENT_SET_SCHEMA,
  Kustomization: KUSTOMIZATION_SCHEMA,
  workers_kv: TEMPLATE_SCHEMA,
};

const BY_API_VERSION: Readonly<Record<string, ManifestKind>> = {
  [PLANTON_API_VERSION]: "CloudflareKvNamespace",
  [ENVIRONMENT_SET_API_VERSION]: "EnvironmentSet",
  "code2cloud.planton.cloud/v1": "CloudflareCredential",
  "kustomize.config.k8s.io/v1beta1": "Kustomization",
};

/** What to use instead of a kind that other tools have and this package does not. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  CloudflareWorker: "declare the Worker in an EnvironmentSet or a workers_kv template",
  CloudflareD1Database: "declare the database in an EnvironmentSet or a workers_kv template",
};

/** The known kind nearest to a misspelt one, ignoring separators. */
export function nearestKind(kind: string): ManifestKind | undefined {
  if (wayOutOf(kind) !== undefined) return undefined;
  const plain = kind.replace(/[-_\s]/g, "");
  return closest(plain, MANIFEST_KINDS) as ManifestKind | undefined;
}

/** The kind of a document that has no `kind`. */
export function kindOfApiVersion(apiVersion: string | undefined): ManifestKind | undefined {
  return apiVersion !== undefined && Object.hasOwn(BY_API_VERSION, apiVersion) ? BY_API_VERSION[apiVersion] : undefined;
}

export function wayOutOf(kind: string): string | undefined {
  return Object.hasOwn(ELSEWHERE, kind) ? ELSEWHERE[kind] : undefined;
}

export function isManifestKind(kind: string): kind is ManifestKind {
  return Object.hasOwn(MANIFEST_SCHEMAS, kind);
}
