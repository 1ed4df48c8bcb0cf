import type { Construct } from "constructs";
import { KvNamespace } from "../constructs/kv-namespace.js";
import * as KV_LIMITS from "../kv/limits.js";
import { ANNOTATION_PREFIX, constructName, type ManifestOf, namespaceOptions } from "../manifest/index.js";
import { accountOf, constructFile, type DefineOptions } from "./define-options.js";

/** Defines the namespace of a CloudflareKvNamespace document. */
export function defineNamespace(
  scope: Construct,
  manifest: ManifestOf<"CloudflareKvNamespace">,
  options: DefineOptions,
): KvNamespace {
  const { namespaceName, ttlSeconds, description } = manifest.value.spec;
  const { accountId: own, preventDestroy, adopt, seed, renamedFrom, retired, deleted } = namespaceOptions(manifest);
  const accountId = accountOf(own, options);
  const seeds = options.isRehearsal === true ? undefined : seed;

  const namespace = new KvNamespace(scope, constructName(manifest), {
    namespaceName,
    ...(ttlSeconds !== undefined && { ttlSeconds: allowedTtl(ttlSeconds) }),
    ...(description !== undefined && description !== "" && { description }),
    ...(accountId !== undefined && { accountId }),
    ...(preventDestroy !== undefined && { preventDestroy }),
    ...(adopt !== undefined && { adopt }),
    ...(renamedFrom !== undefined && { renamedFrom }),
    ...(retired !== undefined && { retired }),
    ...(deleted !== undefined && { deleted }),
    ...(seeds !== undefined && { seed: seeds.map((file) => constructFile(manifest, file, options)) }),
  });
  const notes = notesOf(manifest);
  // Terraform ignores '//': labels and notes of a namespace are kept there, because Cloudflare does not store them.
  if (Object.keys(notes).length > 0) namespace.resource.addOverride("//", { manifest: notes });
  return namespace;
}

/** A TTL below KV's minimum gets here only with `--compat planton`, which has warned of it. */
function allowedTtl(ttlSeconds: number): number {
  return ttlSeconds > 0 ? Math.max(ttlSeconds, KV_LIMITS.minExpirationTtl) : ttlSeconds;
}

function notesOf({ value }: ManifestOf<"CloudflareKvNamespace">): Record<string, unknown> {
  const { name: _, relationships: __, annotations, ...rest } = value.metadata;
  // This package's own annotations have become props.
  const others = Object.entries(annotations ?? {}).filter(([name]) => !name.startsWith(ANNOTATION_PREFIX));
  const notes = { ...rest, annotations: Object.fromEntries(others) };
  return Object.fromEntries(Object.entries(notes).filter(([, note]) => !isEmpty(note)));
}

function isEmpty(note: unknown): boolean {
  return note === "" || (typeof note === "object" && note !== null && Object.keys(note).length === 0);
}
