import type { EngineWorker } from "./types.js";

/** One row of the router's table, which it receives as JSON. */
export interface Route {
  readonly worker: string;
  /** The host to match, without its leading `*`. */
  readonly host: string;
  /** Whether anything may precede the host: `*.example.com`, `*example.com`, `*`. */
  readonly anyPrefix: boolean;
  /** Path and query to match, without the trailing `*`. */
  readonly path: string;
  readonly anySuffix: boolean;
}

/**
 * Routes and domains in the order in which they are tried: a named host before a wildcard, then the longer host,
 * then the longer path; a route before a custom domain on the same host.
 *
 * @see https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior
 */
export function routeTable(workers: readonly EngineWorker[]): Route[] {
  const rows = workers.flatMap(({ name, routes = [], customDomains = [] }) => [
    ...routes.map((pattern) => parsePattern(pattern, name)),
    ...customDomains.map((host) => parsePattern(`${host}/*`, name)),
  ]);
  return rows
    .map((row, at) => ({ row, at }))
    .sort((a, b) => bySpecificity(a.row, b.row) || a.at - b.at)
    .map(({ row }) => row);
}

/** `https://*.example.com/api/*`: the scheme is ignored, because this machine only uses HTTP. */
export function parsePattern(pattern: string, worker: string): Route {
  const bare = pattern.replace(/^(https?|\*):\/\//, "");
  const slash = bare.indexOf("/");
  const host = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? "/" : bare.slice(slash);
  return {
    worker,
    host: host.replace(/^\*/, "").toLowerCase(),
    anyPrefix: host.startsWith("*"),
    path: path.replace(/\*$/, ""),
    anySuffix: path.endsWith("*"),
  };
}

function bySpecificity(a: Route, b: Route): number {
  if (a.anyPrefix !== b.anyPrefix) return a.anyPrefix ? 1 : -1;
  if (a.host.length !== b.host.length) return b.host.length - a.host.length;
  if (a.path.length !== b.path.length) return b.path.length - a.path.length;
  return Number(a.anySuffix) - Number(b.anySuffix);
}
