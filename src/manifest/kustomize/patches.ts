import { dirname } from "node:path";
import { applyOperation } from "./json-patch.js";
import { isManifestKind, MANIFEST_SCHEMAS } from "../kinds/kinds.js";
import type { PatchDocument } from "./schema.js";
import { resolvePath } from "./paths.js";
import type { ManifestLoader } from "../files/loader.js";
import { type ManifestOf, placeOf } from "../manifest.js";
import { mergePatch } from "./merge-patch.js";
import { parseYaml } from "../yaml/parse.js";
import type { Place } from "../findings/place.js";
import type { ObjectNode } from "../schema/schema.js";
import { Source } from "../yaml/source.js";
import { type Scalar, textOf, type Tree, type TreeDocument, member } from "../yaml/tree.js";

/** Applies one patch of a kustomization to the documents it is for. */
export function applyPatch(
  kustomization: ManifestOf<"Kustomization">,
  index: number,
  documents: readonly TreeDocument[],
  loader: ManifestLoader,
): TreeDocument[] {
  const patch = kustomization.value.patches?.[index] ?? {};
  const place = placeOf(kustomization, "patches", index);
  const parts = readPatch(kustomization, index, patch, place, loader);
  return parts.reduce<TreeDocument[]>((patched, part) => applyPart(part, patch, patched, place), [...documents]);
}

/** The documents of the patch: from its file, or from the text in the kustomization. */
function readPatch(
  kustomization: ManifestOf<"Kustomization">,
  index: number,
  { path, patch }: PatchDocument,
  place: Place,
  loader: ManifestLoader,
): readonly TreeDocument[] {
  if ((path === undefined) === (patch === undefined)) {
    place.report({ code: "PATCH_FAILED", message: "a patch needs either path or patch" });
    return [];
  }
  const { source, root } = kustomization.document;
  if (path === undefined) {
    const list = member(root, "patches");
    const text = list?.type === "sequence" ? member(list.items[index], "patch") : undefined;
    return text?.type === "scalar" ? parseYaml(inlineSource(text), loader.findings) : [];
  }
  const resolved = resolvePath(loader.files, dirname(source.file), path);
  const at = placeOf(kustomization, "patches", index, "path");
  if (resolved.type === "problem") at.report(resolved.violation);
  if (resolved.type === "kustomization")
    at.report({ code: "PATCH_FAILED", message: "a patch must be a file, not a folder" });
  if (resolved.type !== "file") return [];
  loader.owned.add(loader.files.realPath(resolved.file));
  return loader.load(resolved.file);
}

/** The text of a block scalar begins on the line below its `|`, indented like its first line. */
function inlineSource({ source, start, end, text }: Scalar): Source {
  const { line, column } = source.position(start);
  const written = source.text.slice(start, end);
  if (!/^[|>]/.test(written)) return new Source(source.file, text, { line, column });
  const [, ...lines] = written.split("\n");
  const indent = /^ */.exec(lines.find((one) => one.trim() !== "") ?? "")?.[0].length ?? 0;
  return new Source(source.file, text, { line: line + 1, column: indent + 1 });
}

function applyPart(part: TreeDocument, patch: PatchDocument, documents: TreeDocument[], place: Place): TreeDocument[] {
  const isList = part.root.type === "sequence";
  if (isList && patch.target === undefined) {
    place.report({ code: "PATCH_FAILED", message: "a list of operations needs a target: kind and name" });
    return documents;
  }
  const matches = matcher(part.root, patch, place);
  if (matches === undefined) return documents;
  if (!documents.some(matches)) {
    const what = patch.target === undefined ? "it names" : "its target names";
    place.report({
      code: "PATCH_NO_MATCH",
      message: `the patch matches no document: none has the kind and name that ${what}`,
    });
    return documents;
  }
  return documents.flatMap((document) => {
    if (!matches(document)) return [document];
    const root =
      part.root.type === "sequence" ? operate(document, part.root.items, place) : merge(document, part.root, place);
    return root === undefined ? [] : [{ ...document, root }];
  });
}

function operate(document: TreeDocument, operations: readonly Tree[], place: Place): Tree {
  let { root } = document;
  for (const operation of operations) {
    const result = applyOperation(root, operation, schemaOf(document));
    if (!("problem" in result)) root = result;
    else {
      place
        .pointingAt(result.at)
        .report({ code: "PATCH_FAILED", message: `the patch cannot be applied: ${result.problem}` });
      return root;
    }
  }
  return root;
}

/** The merged document; undefined when the patch deletes it. */
function merge(document: TreeDocument, patch: Tree, place: Place): Tree | undefined {
  const directive = textOf(patch, "$patch");
  if (directive === "delete") return undefined;
  if (patch.type !== "mapping" || [...patch.entries.keys()].some((name) => name.startsWith("$"))) {
    place.pointingAt(patch).report({
      code: "PATCH_FAILED",
      message: "a patch must be a mapping of fields; the only supported directive is '$patch: delete'",
    });
    return document.root;
  }
  return mergePatch(document.root, patch, schemaOf(document));
}

function schemaOf({ root }: TreeDocument): ObjectNode {
  const kind = textOf(root, "kind") ?? "";
  return MANIFEST_SCHEMAS[isManifestKind(kind) ? kind : "CloudflareKvNamespace"];
}

interface Identity {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
}

function identityOf(root: Tree): Identity {
  const [group = "", version = ""] = (textOf(root, "apiVersion", "api_version") ?? "").split("/");
  return { group, version, kind: textOf(root, "kind") ?? "", name: textOf(member(root, "metadata"), "name") ?? "" };
}

/** Which documents a patch is for: those its target matches, or the one it names itself. */
function matcher(
  patch: Tree,
  { target }: PatchDocument,
  place: Place,
): ((document: TreeDocument) => boolean) | undefined {
  if (target === undefined) {
    const { kind, name } = identityOf(patch);
    return ({ root }) => identityOf(root).kind === kind && identityOf(root).name === name;
  }
  const tests: [keyof Identity, RegExp][] = [];
  for (const field of ["group", "version", "kind", "name"] as const) {
    const pattern = target[field];
    if (pattern === undefined) continue;
    const expression = safeExpression(pattern);
    if (expression === undefined) {
      const message = `the target's ${field} must be a simple regular expression: at most three of * + ? {}, none after a group`;
      place.report({ code: "PATCH_FAILED", message });
      return undefined;
    }
    tests.push([field, expression]);
  }
  return ({ root }) => {
    const identity = identityOf(root);
    return tests.every(([field, expression]) => identity[field].length <= MAX_NAME && expression.test(identity[field]));
  };
}

const MAX_NAME = 256;

/** Kustomize's expressions take linear time, JavaScript's may take forever: those that could are refused. */
function safeExpression(pattern: string): RegExp | undefined {
  const bare = pattern.replace(/\\./g, "x");
  if (/\)[*+?{]/.test(bare) || (bare.match(/[*+{]/g) ?? []).length > 3 || pattern.length > MAX_NAME) return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`, "u");
  } catch {
    return undefined;
  }
}
