import { isObject, type JsonObject } from "../../../values/json.js";
import type { Emulation, Handler } from "../emulation.js";
import { hexId, type RouteRecord } from "../records.js";
import { changed } from "./answers.js";
import { ok } from "./envelope.js";
import { ApiError } from "./errors.js";
import { type ApiRequest, jsonBody } from "./http.js";
import { scriptOf } from "./scripts/worker-records.js";
import { zoneIdOf } from "./zones.js";

export const listScriptRoutes: Handler = (request, emulation) => {
  const { name } = scriptOf(request, emulation);
  return ok(emulation.state.routes.filter(({ script }) => script === name).map(({ id, pattern }) => ({ id, pattern })));
};

/** Replaces the routes of a script in all zones, as wrangler does on deploy. @returns their patterns */
export const putScriptRoutes: Handler = (request, emulation) => {
  const { name } = scriptOf(request, emulation);
  const sent = sentRoutes(request);
  const { state } = emulation;
  const others = state.routes.filter(({ script }) => script !== name);
  const routes = sent.map((route) => routeFor(route, name, emulation));
  const taken = routes.find(({ zone, pattern }) => others.some((row) => row.zone === zone && row.pattern === pattern));
  if (taken !== undefined) {
    throw new ApiError("ROUTE_EXISTS", `a route with the pattern '${taken.pattern}' is assigned to another Worker`);
  }
  state.routes = [...others, ...routes];
  return changed(
    emulation,
    routes.map(({ pattern }) => pattern),
  );
};

function routeFor(
  { pattern, zone_id: id, zone_name: name }: JsonObject,
  script: string,
  { state }: Emulation,
): RouteRecord {
  if (typeof pattern !== "string" || !/^[^\s/]+/.test(pattern)) throw new ApiError("ROUTE_INVALID");
  const host = pattern.replace(/^\w+:\/\//, "").split("/")[0] ?? "";
  const zoneName =
    typeof name === "string"
      ? name
      : host
          .replace(/^\*\.?/, "")
          .split(".")
          .slice(-2)
          .join(".");
  const zone = typeof id === "string" ? id : zoneIdOf(zoneName);
  const former = state.routes.find((route) => route.zone === zone && route.pattern === pattern);
  return { zone, id: former?.id ?? hexId(), pattern, script };
}

function sentRoutes(request: ApiRequest): JsonObject[] {
  const body = jsonBody(request);
  if (Array.isArray(body) && body.every(isObject)) return body;
  throw new ApiError("ROUTE_INVALID", "the body must be an array of objects with a pattern");
}
