import { readFileSync } from "node:fs";
import { ROUTE_GROUPS } from "../../src/local/emulator/api/table.js";
import { CONTROL_ROUTES } from "../../src/local/emulator/control.js";
import type { Outcome } from "../../test/clients/outcome.js";
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

/** What each client was run with, as `npm run test:clients -- --record` kept it. */
export function clientTable(): string {
  const recorded = JSON.parse(readFileSync("test/fixtures/clients.json", "utf8")) as Recorded[];
  const rows = new Map<string, { readonly cells: readonly [string, string]; readonly clients: string[] }>();
  for (const { client, outcomes } of recorded) {
    for (const { command, outcome } of outcomes) {
      const cells = [code(command.replaceAll("|", "\\|")), OUTCOMES[outcome]] as const;
      const name = client.split(" ")[0] === "wrangler" ? `wrangler ${command}` : `sdk ${command}`;
      const row = rows.get(name + outcome) ?? { cells, clients: [] };
      if (!row.clients.includes(client)) row.clients.push(client);
      rows.set(name + outcome, row);
    }
  }
  const lines = [...rows.values()].map(({ cells: [command, outcome], clients }) => [
    command,
    versionsOf(clients),
    outcome,
  ]);
  return table(["command", "clients", "outcome"], lines);
}

interface Recorded {
  readonly client: string;
  readonly outcomes: readonly Outcome[];
}

const OUTCOMES: Readonly<Record<Outcome["outcome"], string>> = {
  works: "works",
  refused: "refused, as at Cloudflare or because it is not served",
};

/** `wrangler 4.86.0, 4.164.0`: a client's name once. */
function versionsOf(clients: readonly string[]): string {
  const versions = new Map<string, string[]>();
  for (const client of clients) {
    const at = client.lastIndexOf(" ");
    const name = client.slice(0, at);
    versions.set(name, [...(versions.get(name) ?? []), client.slice(at + 1)]);
  }
  return [...versions].map(([name, list]) => `${name} ${list.join(", ")}`).join("; ");
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
