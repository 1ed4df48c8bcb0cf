import { isNull } from "../schema/found.js";
import type { SchemaNode } from "../schema/schema.js";
import { childSchema, existingKey } from "../schema/walk.js";
import { type Member, mapping, type Tree } from "../yaml/tree.js";

/**
 * Merges a patch into a document as Kustomize does for kinds it does not know: mappings are merged, lists and values
 * replaced, null deletes. A field keeps the spelling it has in the document.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc7396
 */
export function mergePatch(base: Tree | undefined, patch: Tree, schema: SchemaNode | undefined): Tree {
  if (patch.type !== "mapping") return patch;
  const before = base?.type === "mapping" ? base : mapping(new Map(), patch);
  const entries = new Map<string, Member>(before.entries);

  for (const [name, { key, value }] of patch.entries) {
    const existing = existingKey(before, schema, name);
    const entry = entries.get(existing);
    if (isNull(value)) entries.delete(existing);
    else {
      const merged = mergePatch(entry?.value, value, childSchema(schema, name));
      entries.set(existing, { key: entry?.key ?? key, value: merged });
    }
  }
  return mapping(entries, before);
}
