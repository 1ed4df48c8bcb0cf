import { ROUTE_GROUPS } from "../../src/local/emulator/api/table.js";
import { CONTROL_ROUTES } from "../../src/local/emulator/control.js";
import { WRANGLER_STEPS } from "../../test/local/emulator/wrangler-run.js";
import { code, table } from "./page.js";

/** The routes of Cloudflare's API that the emulator serves: a row for each path, with all its methods. */
export function routeTable(): string {
  const rows = ROUTE_GROUPS.flatMap(({ name, routes }) =>
    [...byPath(routes)].map(([path, methods], at) => {
      const query = new Set(routes.filter(({ pattern }) => pattern === path).flatMap((route) => route.query));
      return [at === 0 ? name : "", methods.join(" "), code(shown(path)), [...query].map(code).join(", ")];
    }),
  );
  return table(["what", "methods", "path", "query"], rows);
}

/** The emulator's own routes. */
export function controlTable(): string {
  return table(
    ["method", "path", "what"],
    CONTROL_ROUTES.map(({ method, path, what }) => [method, code(path), what]),
  );
}

/** What wrangler is run with against the emulator. */
export function clientTable(): string {
  const rows = WRANGLER_STEPS.map(({ command, refused }) => [
    "wrangler",
    code(command.replaceAll("|", "\\|")),
    refused === true ? "refused, as at Cloudflare or because it is not served" : "works",
  ]);
  return table(["client", "command", "outcome"], rows);
}

function byPath(routes: readonly { readonly method: string; readonly pattern: string }[]): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const { method, pattern } of routes) paths.set(pattern, [...(paths.get(pattern) ?? []), method]);
  return paths;
}

/** Any account and any zone is served, so that their ids are no more than letters. */
function shown(path: string): string {
  return path.replace(":account", "A").replace(":zone", "Z");
}
