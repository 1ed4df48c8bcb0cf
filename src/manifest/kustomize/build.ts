import { dirname } from "node:path";
import type { Findings } from "../findings/findings.js";
import { MAX_KUSTOMIZATION_DEPTH, MAX_KUSTOMIZATION_INCLUDES } from "../limits.js";
import type { ManifestLoader } from "../files/loader.js";
import { resolvePath } from "./paths.js";
import { decodeManifest, type ManifestOf, placeOf } from "../manifest.js";
import { applyPatch } from "./patches.js";
import type { Place } from "../findings/place.js";
import { type Member, mapping, member, scalar, textOf, type Tree, type TreeDocument } from "../yaml/tree.js";

type Kustomization = ManifestOf<"Kustomization">;

/** The documents that a kustomization produces: its resources, patched, renamed and labelled, in Kustomize's order. */
export function buildKustomization(kustomization: Kustomization, loader: ManifestLoader): TreeDocument[] {
  return new Builder(loader).build(kustomization, [loader.files.realPath(kustomization.document.source.file)]);
}

class Builder {
  readonly #findings: Findings;
  #includes = 0;

  constructor(private readonly loader: ManifestLoader) {
    this.#findings = loader.findings;
  }

  build(kustomization: Kustomization, trail: readonly string[]): TreeDocument[] {
    if (!kustomization.isValid) return [];
    const { value, document } = kustomization;
    const folder = dirname(document.source.file);
    const resources = value.resources.flatMap((path, index) =>
      this.#resource(folder, path, placeOf(kustomization, "resources", index), trail),
    );
    // The part that was read says nothing: it would only be full of duplicates.
    if (this.#includes > MAX_KUSTOMIZATION_INCLUDES) return [];
    const patched = (value.patches ?? []).reduce(
      (documents, _, index) => applyPatch(kustomization, index, documents, this.loader),
      resources,
    );
    const labels = labelsOf(document.root);
    return patched.map((one) => addLabels(rename(one, value.namePrefix, value.nameSuffix), labels));
  }

  #resource(folder: string, path: string, place: Place, trail: readonly string[]): TreeDocument[] {
    // It was reported when the limit was passed.
    if (this.#includes > MAX_KUSTOMIZATION_INCLUDES) return [];
    const resolved = resolvePath(this.loader.files, folder, path);
    if (resolved.type === "problem") {
      place.report(resolved.violation);
      return [];
    }
    const { file } = resolved;
    const id = this.loader.files.realPath(file);
    if (trail.includes(id)) {
      place.report({ code: "KUSTOMIZATION_CYCLE", message: "the kustomization includes itself" });
      return [];
    }
    if (trail.length > MAX_KUSTOMIZATION_DEPTH) {
      const message = `kustomizations are nested more than ${MAX_KUSTOMIZATION_DEPTH} levels deep`;
      place.report({ code: "KUSTOMIZATION_CYCLE", message });
      return [];
    }
    this.loader.owned.add(id);
    const documents = this.loader.load(file);
    this.#includes += Math.max(1, documents.length);
    if (this.#includes > MAX_KUSTOMIZATION_INCLUDES) {
      const message = `more than ${MAX_KUSTOMIZATION_INCLUDES} documents are included, each as often as it is named: include shared folders once`;
      place.report({ code: "KUSTOMIZATION_CYCLE", message });
      return [];
    }
    return resolved.type === "file" ? this.#plain(documents, place) : this.#nested(documents, [...trail, id]);
  }

  #plain(documents: readonly TreeDocument[], place: Place): TreeDocument[] {
    return documents.filter(({ root }) => {
      if (textOf(root, "kind") === "Kustomization") {
        place.report({
          code: "INVALID_VALUE",
          message: "a kustomization is included by naming its folder, not its file",
        });
        return false;
      }
      if (member(root, "architecture_type", "architectureType") !== undefined) {
        const message =
          "a workers_kv template cannot be part of a kustomization, which could not change anything in it: pass it separately";
        place.report({ code: "INVALID_VALUE", message });
        return false;
      }
      return true;
    });
  }

  #nested(documents: readonly TreeDocument[], trail: readonly string[]): TreeDocument[] {
    return documents.flatMap((document) => {
      const manifest = decodeManifest(document, this.#findings);
      return manifest?.kind === "Kustomization" ? this.build(manifest, trail) : [];
    });
  }
}

function rename(document: TreeDocument, prefix = "", suffix = ""): TreeDocument {
  const name = member(member(document.root, "metadata"), "name");
  if (name?.type !== "scalar" || prefix + suffix === "") return document;
  const renamed = scalar(`${prefix}${name.text}${suffix}`, name, name.style === "plain" ? "quoted" : name.style);
  return { ...document, root: withMember(document.root, ["metadata", "name"], { key: name, value: renamed }) };
}

/** The labels of `labels` and `commonLabels` as the document writes them, with their positions. */
function labelsOf(root: Tree): [string, Member][] {
  const labels = member(root, "labels");
  const pairs = labels?.type === "sequence" ? labels.items.map((item) => member(item, "pairs")) : [];
  return [...pairs, member(root, "commonLabels")].flatMap((tree) =>
    tree?.type === "mapping" ? [...tree.entries] : [],
  );
}

function addLabels(document: TreeDocument, labels: readonly [string, Member][]): TreeDocument {
  return labels.reduce(
    (labelled, [name, entry]) => ({
      ...labelled,
      root: withMember(labelled.root, ["metadata", "labels", name], entry),
    }),
    document,
  );
}

/** The tree with an entry at a path; mappings on the way are made where there are none. */
function withMember(tree: Tree, [name, ...rest]: readonly string[], entry: Member): Tree {
  if (tree.type !== "mapping" || name === undefined) return tree;
  const before = tree.entries.get(name);
  const inner = before?.value.type === "mapping" ? before.value : mapping(new Map(), entry.key);
  const after = rest.length === 0 ? entry : { key: before?.key ?? entry.key, value: withMember(inner, rest, entry) };
  return mapping(new Map([...tree.entries, [name, after]]), tree);
}
