import type { Files } from "./files.js";
import type { Findings } from "../findings/findings.js";
import { parseYaml } from "../yaml/parse.js";
import type { TreeDocument } from "../yaml/tree.js";

/**
 * Reads and parses each file once, however many kustomizations name it, and records which files kustomizations include.
 */
export class ManifestLoader {
  /** Files that are part of a kustomization, by their real path: they are not validated again on their own. */
  readonly owned = new Set<string>();
  readonly #documents = new Map<string, readonly TreeDocument[]>();

  constructor(
    readonly findings: Findings,
    readonly files: Files,
  ) {}

  /** The documents of a file; none, with findings, when it cannot be read. */
  load(file: string): readonly TreeDocument[] {
    const id = this.files.realPath(file);
    const known = this.#documents.get(id);
    if (known !== undefined) return known;
    const before = this.findings.errors;
    const source = this.files.read(file, this.findings);
    const documents = source === undefined ? [] : parseYaml(source, this.findings);
    if (documents.length === 0 && this.findings.errors === before) {
      this.findings.addForFile(file, { code: "NO_DOCUMENT", message: "the file has no document in it" });
    }
    this.#documents.set(id, documents);
    return documents;
  }
}
