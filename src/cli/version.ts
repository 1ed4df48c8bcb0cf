import { readFileSync } from "node:fs";

const NAME = "cdktf-cloudflare-kv";

/** This package's version, from the package.json above this file: two folders up in src, three in dist. */
export function packageVersion(): string {
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as Record<string, unknown>;
      if (manifest["name"] === NAME) return String(manifest["version"]);
    } catch {
      // Not that far up: look further.
    }
  }
  return "unknown";
}
