import { decode } from "./schema/decode.js";
import { isNull, pointAt } from "./schema/found.js";
import type { Findings } from "./findings/findings.js";
import {
  isManifestKind,
  kindOfApiVersion,
  MANIFEST_KINDS,
  MANIFEST_SCHEMAS,
  type ManifestKind,
  type ManifestKinds,
  nearestKind,
  wayOutOf,
} from "./kinds/kinds.js";
import { Place } from "./findings/place.js";
import { quote } from "./findings/quote.js";
import { snakeCase } from "./schema/schema.js";
import { member, textOf, type TreeDocument } from "./yaml/tree.js";

/** A validated document: its value, and the way from the value back to the text. */
export interface ManifestOf<K extends ManifestKind> {
  readonly kind: K;
  /** Complete only when the document has no error. */
  readonly value: ManifestKinds[K];
  readonly isValid: boolean;
  readonly document: TreeDocument;
  readonly place: Place;
}

export type Manifest = { [K in ManifestKind]: ManifestOf<K> }[ManifestKind];

/** Validates one document by the rules of its kind; undefined when its kind is unknown. */
export function decodeManifest(document: TreeDocument, findings: Findings): Manifest | undefined {
  const kind = identify(document, findings);
  if (kind === undefined) return undefined;
  const context = { findings, number: document.number, confidential: kind === "CloudflareCredential" };
  const place = new Place(context, document.root);
  const errors = findings.errors;
  const value = decode(MANIFEST_SCHEMAS[kind], document.root, place, "");
  const isValid = findings.errors === errors;
  return { kind, value, isValid, document, place } as Manifest;
}

/** The kind of a document; one that is misspelt counts as the nearest, so that the rest can be validated too. */
function identify(document: TreeDocument, findings: Findings): ManifestKind | undefined {
  const { root, number } = document;
  const place = new Place({ findings, number, confidential: false }, root);
  if (root.type !== "mapping") {
    place.report({
      code: "NOT_A_MAPPING",
      message: `a document must be a mapping of fields, got a ${root.type === "sequence" ? "list" : "single value"}`,
    });
    return undefined;
  }
  const written = member(root, "kind");
  if (written === undefined || isNull(written)) {
    const guess = isTemplate(document) ? "workers_kv" : isKustomizationFile(document) ? "Kustomization" : undefined;
    const kind = guess ?? kindOfApiVersion(textOf(root, "apiVersion", "api_version"));
    if (kind === undefined)
      place.report({ code: "MISSING_KIND", message: `kind is required, one of ${namedKinds().join(", ")}` });
    return kind;
  }
  const kind = written.type === "scalar" ? written.text : "";
  if (isManifestKind(kind) && kind !== "workers_kv") return kind;
  const near = nearestKind(kind);
  if (near !== undefined && near !== "workers_kv") return near;
  const entry = root.entries.get("kind");
  const wayOut = wayOutOf(kind) ?? `known are ${namedKinds().join(", ")}`;
  place.child("kind", entry === undefined ? root : pointAt(entry)).report({
    code: "UNKNOWN_KIND",
    message: `the kind ${quote(kind)} is not supported here: ${wayOut}`,
  });
  return undefined;
}

function namedKinds(): ManifestKind[] {
  return MANIFEST_KINDS.filter((kind) => kind !== "workers_kv");
}

function isTemplate({ root }: TreeDocument): boolean {
  return ["architectureType", "projectName"].some((name) => member(root, name, snakeCase(name)) !== undefined);
}

/** Kustomize allows a file of this name without apiVersion and kind. */
export function isKustomizationFile({ source }: { readonly source: { readonly file: string } }): boolean {
  return /(^|[\\/])(kustomization\.ya?ml|Kustomization)$/.test(source.file);
}

/**
 * The place of a value by its path in the schema, however the document spells it; the nearest one above what is left
 * out.
 */
export function placeOf(
  { document, place }: Pick<Manifest, "document" | "place">,
  ...path: readonly (string | number)[]
): Place {
  let found = place;
  let tree = document.root;
  for (const segment of path) {
    if (tree.type === "sequence" && typeof segment === "number") {
      const item = tree.items[segment];
      if (item === undefined) break;
      found = found.child(segment, item);
      tree = item;
    } else if (tree.type === "mapping" && typeof segment === "string") {
      const name = [segment, snakeCase(segment)].find(
        (spelling) => tree.type === "mapping" && tree.entries.has(spelling),
      );
      const entry = name === undefined ? undefined : tree.entries.get(name);
      if (name === undefined || entry === undefined) break;
      found = found.child(name, pointAt(entry));
      tree = entry.value;
    } else break;
  }
  return found;
}
