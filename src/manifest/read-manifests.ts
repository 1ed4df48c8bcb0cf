import { basename, dirname, extname, resolve } from "node:path";
import { checkManifest, checkNamespaceNames, checkStack } from "./check-manifests.js";
import { Files, STDIN } from "./files/files.js";
import { Findings } from "./findings/findings.js";
import { MANIFEST_SCHEMAS } from "./kinds/kinds.js";
import { buildKustomization } from "./kustomize/build.js";
import { ManifestLoader } from "./files/loader.js";
import { isKustomizationFile, decodeManifest, type Manifest, type ManifestOf, placeOf } from "./manifest.js";
import { applyOverride, type Override, parseOverride } from "./overrides.js";
import { type Diagnostic, inOrder, type Paint, renderFinding, toDiagnostic } from "./findings/render.js";
import { findPath } from "./schema/walk.js";
import { textOf, type TreeDocument } from "./yaml/tree.js";

/** How manifests are read. */
export interface ReadOptions {
  /**
   * `planton` takes TTLs of 1 to 59 seconds, with a warning: KV refuses them, so 60 is used.
   *
   * @default - KV's own minimum of 60 seconds is an error
   */
  readonly compat?: "planton";

  /**
   * Overrides of fields, as `spec.ttlSeconds=300`: each applies to every document that has such a field.
   *
   * @default - none
   */
  readonly set?: readonly string[];

  /**
   * What the path `-` stands for.
   *
   * @default - nothing
   */
  readonly stdin?: Uint8Array;

  /**
   * The folder that paths are relative to.
   *
   * @default - the working directory
   */
  readonly cwd?: string;

  /**
   * Whether the paths may match nothing, so that an app can include manifests if there are any.
   *
   * @default false - a path that names nothing is an error
   */
  readonly optional?: boolean;

  /**
   * Whether all files become stacks of one app, where a duplicate namespaceName is an error even across stacks.
   *
   * @default false - it is a warning between stacks
   */
  readonly asOneApp?: boolean;
}

/** The documents of one file or kustomization: what becomes one stack. */
export interface ManifestUnit {
  /** The stack's name: the file's, without its extension, or that of the kustomization's folder. */
  readonly name: string;
  readonly file: string;
  readonly manifests: readonly Manifest[];
}

/** Everything that was read, and every problem with it. */
export class ManifestSet {
  constructor(
    readonly units: readonly ManifestUnit[],
    readonly findings: Findings,
    private readonly files: readonly string[],
  ) {}

  /** Whether there is no error; warnings do not count. */
  isValid(): boolean {
    return this.findings.errors === 0;
  }

  /** Every problem with its position, by file and line. */
  get problems(): Diagnostic[] {
    return inOrder(this.findings.all, this.files).map(toDiagnostic);
  }

  /** Every problem as people read it: position, code, path and message, then the line with a caret below. */
  render(paint?: Paint): string {
    const findings = inOrder(this.findings.all, this.files);
    // Warnings come last, after the errors that stop everything.
    return (["error", "warning"] as const)
      .flatMap((severity) => findings.filter((finding) => finding.severity === severity))
      .map((finding) => renderFinding(finding, paint))
      .join("\n\n");
  }
}

/**
 * Reads and validates manifests: files, folders, patterns, and `-` for standard input. Never throws for what is in
 * them.
 */
export function readManifests(paths: readonly string[], options: ReadOptions = {}): ManifestSet {
  const findings = new Findings(options.compat === "planton" ? PLANTON_ALLOWS : undefined);
  const overrides = (options.set ?? []).flatMap((text) => parseOverride(text, findings) ?? []);
  const used = new Set<Override>();
  const files = new Files(options.cwd ?? process.cwd(), options.stdin);
  const loader = new ManifestLoader(findings, files);

  const named = files.find(paths, findings, options.optional);
  const built = named.map((file) => ({ file, documents: documentsOf(file, loader) }));
  // Only now it is known which files are part of a kustomization.
  const own = built.filter(({ file }) => !loader.owned.has(files.realPath(file)));
  const units = own.map(({ file, documents }) => {
    const overridden = documents.map((document) => override(document, overrides, used));
    const decoded = overridden.flatMap((document) => decodeManifest(document, findings) ?? []);
    const manifests = decoded.map((manifest) => checkManifest(manifest, files));
    checkStack(manifests);
    return { name: unitName(file), file, manifests };
  });
  checkNamespaceNames(
    units.flatMap(({ manifests }) => manifests),
    options.asOneApp === true ? "error" : "warning",
  );
  reportUnused(
    overrides.filter((one) => !used.has(one)),
    units,
    findings,
  );
  return new ManifestSet(units, findings, named);
}

const PLANTON_ALLOWS = new Map([["TTL_TOO_SHORT", "; 60 is used, as KV refuses less"]] as const);

/** The documents of a file, kustomizations replaced by what they produce. */
function documentsOf(file: string, loader: ManifestLoader): TreeDocument[] {
  return loader.load(file).flatMap((document) => {
    if (textOf(document.root, "kind") !== "Kustomization" && !isKustomizationFile(document)) return [document];
    const manifest = decodeManifest(document, loader.findings);
    if (manifest?.kind !== "Kustomization") return [];
    warnOfNames(manifest);
    return buildKustomization(manifest, loader);
  });
}

/**
 * Kustomize's prefix changes metadata.name alone, which Cloudflare never sees; people expect it to rename the namespace
 * too.
 */
function warnOfNames(kustomization: ManifestOf<"Kustomization">): void {
  if (!kustomization.isValid || kustomization.value.patches !== undefined) return;
  for (const field of ["namePrefix", "nameSuffix"] as const) {
    if (kustomization.value[field] === undefined) continue;
    const message = `${field} changes metadata.name and leaves spec.namespaceName, the name in Cloudflare, as it is: patch that too`;
    placeOf(kustomization, field).report({ code: "NAME_UNCHANGED", severity: "warning", message });
  }
}

function override(document: TreeDocument, overrides: readonly Override[], used: Set<Override>): TreeDocument {
  return overrides.reduce((overridden, one) => {
    const schema = schemaOf(overridden);
    if (schema === undefined || findPath(schema, one.segments).unknown !== undefined) return overridden;
    const changed = applyOverride(overridden, schema, one);
    if (changed === undefined) return overridden;
    used.add(one);
    return changed;
  }, document);
}

function schemaOf(document: TreeDocument): (typeof MANIFEST_SCHEMAS)[keyof typeof MANIFEST_SCHEMAS] | undefined {
  const kind = decodeManifest(document, new Findings())?.kind;
  return kind === undefined ? undefined : MANIFEST_SCHEMAS[kind];
}

function reportUnused(overrides: readonly Override[], units: readonly ManifestUnit[], findings: Findings): void {
  const kinds = new Set(units.flatMap(({ manifests }) => manifests.map(({ kind }) => kind)));
  for (const { source, segments } of overrides) {
    const misses = [...kinds].map((kind) => findPath(MANIFEST_SCHEMAS[kind], segments).unknown);
    const [miss] = misses;
    // A field that the kind has may still have no place: an item past the end of a list.
    const unknown = miss === undefined || misses.includes(undefined) ? "" : `: there is no field ${miss}`;
    const span = { source, start: 0, end: source.text.length };
    findings.addForFile(
      source.file,
      { code: "OVERRIDE_NO_MATCH", message: `no document has the field to set${unknown}` },
      span,
    );
  }
}

function unitName(file: string): string {
  if (file === STDIN) return "manifests";
  const name = isKustomizationFile({ source: { file } })
    ? basename(dirname(resolve(file)))
    : basename(file, extname(file));
  return name.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "") || "manifests";
}
