import { ApiError } from "./errors.js";
import { type ApiRoute, ROUTE_GROUPS } from "./table.js";

export interface Match {
  readonly route: ApiRoute;
  /** The values of the pattern's parameters, each percent-decoded once. */
  readonly params: Readonly<Record<string, string>>;
}

const TABLE = ROUTE_GROUPS.flatMap(({ routes }) => routes).map((route) => ({
  route,
  segments: route.pattern.split("/"),
}));

/**
 * Finds the route of a path as it was sent. The path is split first and then each segment is decoded once, so that
 * `%2F` in a key stays in the key, `%252F` is the text `%2F`, and `+` is a plus.
 */
export function matchRoute(method: string, path: string): Match {
  const sent = path.split("/");
  const rows = TABLE.filter(({ segments }) => fits(segments, sent));
  if (rows.length === 0) throw new ApiError("NO_ROUTE");
  const row = rows.find(({ route }) => route.method === method);
  if (row === undefined) throw new ApiError("METHOD_NOT_ALLOWED");
  const params = row.segments.flatMap((segment, at) =>
    segment.startsWith(":") ? [[segment.slice(1), decoded(sent[at] ?? "")] as const] : [],
  );
  return { route: row.route, params: Object.fromEntries(params) };
}

function fits(segments: readonly string[], sent: readonly string[]): boolean {
  if (segments.length !== sent.length) return false;
  return segments.every((segment, at) => (segment.startsWith(":") ? sent[at] !== "" : segment === sent[at]));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError("KEY_INVALID", "the path is not percent-encoded UTF-8");
  }
}
