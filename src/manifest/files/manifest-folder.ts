import { dirname, join } from "node:path";
import { type Files, STDIN } from "./files.js";
import { type Manifest, placeOf } from "../manifest.js";
import { quote } from "../findings/quote.js";

/**
 * A file that a manifest names, relative to the manifest itself; standard input counts as a file of the working
 * directory.
 */
export function fileOf({ document }: Pick<Manifest, "document">, file: string): string {
  const { file: manifest } = document.source;
  return manifest === STDIN ? file : join(dirname(manifest), file);
}

/** Warns of a file that is not there yet: it must be when the stack is synthesized. */
export function checkFile(
  files: Files,
  manifest: Manifest,
  file: string | undefined,
  ...path: readonly (string | number)[]
): void {
  if (file === undefined || files.kindOf(fileOf(manifest, file)) !== undefined) return;
  const message = `there is no file ${quote(file)} beside this manifest; it must exist when the stack is synthesized`;
  placeOf(manifest, ...path).report({ code: "ENTRY_NOT_FOUND", severity: "warning", message });
}
