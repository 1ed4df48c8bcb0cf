import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isObject } from "../../values/json.js";
import type { NamedPattern } from "./patterns.js";

/** Files to write, by their paths in the project, with forward slashes. */
export type NewFiles = ReadonlyMap<string, string>;

const NAME = "cdktf-cloudflare-kv";

/** The folder of this package: the sources are less deep in it than what is built. */
export const PACKAGE_FOLDER = packageFolder(dirname(fileURLToPath(import.meta.url)));

function packageFolder(start: string): string {
  for (let folder = start; dirname(folder) !== folder; folder = dirname(folder)) {
    if (nameIn(join(folder, "package.json")) === NAME) return folder;
  }
  return start;
}

function nameIn(file: string): unknown {
  return existsSync(file) ? readJson(file)["name"] : undefined;
}

/** A JSON object in a file; an empty one when there is none. */
export function readJson(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Every file of a folder of templates. Those that npm would leave out of a package have no dot in front there. */
export function templateFiles(...folder: readonly string[]): Map<string, string> {
  const root = join(PACKAGE_FOLDER, "templates", ...folder);
  const files = new Map<string, string>();
  for (const path of readdirSync(root, { recursive: true, encoding: "utf8" }).sort()) {
    if (!statSync(join(root, path)).isFile()) continue;
    const shown = path
      .split(sep)
      .join("/")
      .replace(/^(gitignore$|github\/)/, ".$1");
    files.set(shown, readFileSync(join(root, path), "utf8"));
  }
  return files;
}

/** The files of a pattern under its own name. */
export function patternFiles(named: NamedPattern): NewFiles {
  const files = new Map<string, string>();
  for (const [path, text] of templateFiles("patterns", named.pattern)) {
    files.set(placeOf(path, named), path.endsWith(".json") ? text : renamed(text, named));
  }
  return files;
}

function placeOf(path: string, { kebab }: NamedPattern): string {
  if (path === "seed.json") return `seeds/${kebab}.json`;
  return path.endsWith(".test.ts") ? `test/${kebab}.test.ts` : `worker/${kebab}.ts`;
}

/** Templates are about a `thing`: in paths and texts its name has hyphens, elsewhere it is a variable. */
function renamed(text: string, { kebab, camel, binding }: NamedPattern): string {
  return text
    .replaceAll("THING", binding)
    .replaceAll("Thing", camel.charAt(0).toUpperCase() + camel.slice(1))
    .replace(/(?<=[/"])thing\b/g, kebab)
    .replace(/\bthing\b/g, camel);
}
