import { API_TABLE } from "../../src/local/emulator/api/table.js";
import { code, table } from "./page.js";

/** The routes of Cloudflare's API that the emulator serves: a row for each path, with all its methods. */
export function routeTable(): string {
  const paths = new Map<string, string[]>();
  for (const [method, pattern] of API_TABLE) paths.set(pattern, [...(paths.get(pattern) ?? []), method]);
  return table(
    ["methods", "path"],
    [...paths].map(([path, methods]) => [methods.join(" "), code(shown(path))]),
  );
}

/** Any account and any zone is served, so that their ids are no more than letters. */
function shown(path: string): string {
  return path.replace(":account", "A").replace(":zone", "Z");
}
