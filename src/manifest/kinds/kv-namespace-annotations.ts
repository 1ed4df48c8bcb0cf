import { didYouMean } from "../../suggest.js";
import { type ManifestOf, placeOf } from "../manifest.js";
import { quote } from "../findings/quote.js";
import { accountIdRule } from "../schema/rules.js";

/** What annotations set because Planton's spec has no field for it. */
export interface NamespaceOptions {
  readonly accountId?: string;
  readonly preventDestroy?: boolean;
  /** The id of the existing namespace that the first apply takes over. */
  readonly adopt?: string;
  /** Files of entries, relative to the manifest. */
  readonly seed?: readonly string[];
  /** The name that the namespace had before. */
  readonly renamedFrom?: string;
  /** Names that the stack no longer defines: kept at Cloudflare, or deleted. */
  readonly retired?: readonly string[];
  readonly deleted?: readonly string[];
}

/** The prefix of this package's annotations. */
export const ANNOTATION_PREFIX = "cdktf-cloudflare-kv/";
const NAMES = ["account-id", "prevent-destroy", "adopt", "seed", "renamed-from", "retired", "deleted"] as const;

/** Reads this package's annotations of a namespace; those of other tools are ignored. */
export function namespaceOptions(manifest: ManifestOf<"CloudflareKvNamespace">): NamespaceOptions {
  const annotations = manifest.value.metadata.annotations ?? {};
  const get = (name: (typeof NAMES)[number]): string | undefined =>
    Object.hasOwn(annotations, ANNOTATION_PREFIX + name) ? annotations[ANNOTATION_PREFIX + name] : undefined;
  const accountId = get("account-id");
  const preventDestroy = get("prevent-destroy");
  const adopt = get("adopt");
  const renamedFrom = get("renamed-from");
  const list = (name: "seed" | "retired" | "deleted"): readonly string[] | undefined =>
    get(name)
      ?.split(",")
      .map((one) => one.trim());
  const [seed, retired, deleted] = [list("seed"), list("retired"), list("deleted")];
  return {
    ...(accountId !== undefined && { accountId }),
    ...(preventDestroy !== undefined && { preventDestroy: preventDestroy !== "false" }),
    ...(adopt !== undefined && { adopt }),
    ...(seed !== undefined && { seed }),
    ...(renamedFrom !== undefined && { renamedFrom }),
    ...(retired !== undefined && { retired }),
    ...(deleted !== undefined && { deleted }),
  };
}

/** Validates this package's annotations of a namespace. */
export function checkAnnotations(manifest: ManifestOf<"CloudflareKvNamespace">): void {
  for (const [annotation, value] of Object.entries(manifest.value.metadata.annotations ?? {})) {
    if (!annotation.startsWith(ANNOTATION_PREFIX)) continue;
    const place = placeOf(manifest, "metadata", "annotations", annotation);
    const name = annotation.slice(ANNOTATION_PREFIX.length);
    if (!NAMES.some((known) => known === name)) {
      const near = didYouMean(name, NAMES) || `, known are ${NAMES.join(", ")}`;
      place.report({ code: "UNKNOWN_ANNOTATION", message: `there is no annotation ${quote(annotation)}${near}` });
    } else if (name === "account-id" || name === "adopt") {
      const violation = accountIdRule(value, annotation);
      if (violation !== undefined)
        place.report({ ...violation, code: name === "adopt" ? "INVALID_VALUE" : violation.code });
    } else if (name === "prevent-destroy" && value !== "true" && value !== "false") {
      place.report({ code: "INVALID_VALUE", message: `${annotation} must be 'true' or 'false', got ${quote(value)}` });
    }
  }
}
