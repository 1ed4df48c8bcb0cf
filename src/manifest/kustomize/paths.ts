import { isAbsolute, join, relative, sep } from "node:path";
import type { Files } from "../files/files.js";
import type { Violation } from "../findings/findings.js";
import { quote } from "../findings/quote.js";

const REMOTE = /^[a-z][a-z0-9+.-]*:\/\/|^git@|^(www\.)?(github|gitlab|bitbucket)\.(com|org)[/:]|[?&]ref=/i;
const NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Where a kustomization's path leads, or why it must not be followed. */
export type Resolved =
  | { readonly type: "file"; readonly file: string }
  | { readonly type: "kustomization"; readonly file: string }
  | { readonly type: "problem"; readonly violation: Violation };

/**
 * Follows a path of a kustomization by Kustomize's rule: files only inside its own folder, folders anywhere if they
 * have a kustomization of their own, nothing absolute and nothing from the network.
 */
export function resolvePath(files: Files, folder: string, path: string): Resolved {
  if (REMOTE.test(path)) {
    return problem(
      "REMOTE_RESOURCE",
      `${quote(path)} is on the network, which is never read: copy it into this folder`,
    );
  }
  if (isAbsolute(path)) return outside(path);
  const target = join(folder, path);
  const kind = files.kindOf(target);
  if (kind === undefined) return problem("RESOURCE_NOT_FOUND", `there is no file or folder ${quote(path)}`);
  if (kind === "other") return problem("RESOURCE_NOT_FOUND", `${quote(path)} is not a regular file`);
  if (kind === "file") return isInside(files, folder, target) ? { type: "file", file: target } : outside(path);
  const file = NAMES.map((name) => join(target, name)).find((candidate) => files.kindOf(candidate) === "file");
  if (file === undefined)
    return problem("RESOURCE_NOT_FOUND", `the folder ${quote(path)} has no kustomization.yaml: name its files`);
  return { type: "kustomization", file };
}

/** Symbolic links are followed. */
function isInside(files: Files, folder: string, file: string): boolean {
  const path = relative(files.realPath(folder), files.realPath(file));
  return path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

function outside(path: string): Resolved {
  return problem(
    "OUTSIDE_ROOT",
    `${quote(path)} is outside the kustomization's folder: move it inside, or make a kustomization of its folder`,
  );
}

function problem(code: Violation["code"], message: string): Resolved {
  return { type: "problem", violation: { code, message } };
}
