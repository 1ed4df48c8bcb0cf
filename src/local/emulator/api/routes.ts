import type { Handler } from "../emulation.js";
import { hexId, type RouteRecord } from "../records.js";
import { changed, find, without } from "./answers.js";
import { ok, page } from "./envelope.js";
import { ApiError } from "./errors.js";
import { type ApiRequest, objectBody, param } from "./http.js";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/ */
export const createRoute: Handler = (request, emulation) => {
  const zone = param(request, "zone");
  const route = { zone, id: hexId(), ...sentRoute(request, zone, emulation.state.routes) };
  emulation.state.routes.push(route);
  return changed(emulation, shown(route));
};

export const listRoutes: Handler = (request, { state }) =>
  page(state.routes.filter(({ zone }) => zone === param(request, "zone")).map(shown), request);

export const getRoute: Handler = (request, { state }) => ok(shown(routeOf(request, state.routes)));

export const putRoute: Handler = (request, emulation) => {
  const { routes } = emulation.state;
  const route = routeOf(request, routes);
  Object.assign(route, sentRoute(request, route.zone, without(routes, route)));
  return changed(emulation, shown(route));
};

export const deleteRoute: Handler = (request, emulation) => {
  const route = routeOf(request, emulation.state.routes);
  emulation.state.routes = without(emulation.state.routes, route);
  return changed(emulation, { id: route.id });
};

function routeOf(request: ApiRequest, routes: readonly RouteRecord[]): RouteRecord {
  return find(routes, { zone: param(request, "zone"), id: param(request, "route") }, "ROUTE_NOT_FOUND");
}

function sentRoute(
  request: ApiRequest,
  zone: string,
  taken: readonly RouteRecord[],
): Pick<RouteRecord, "pattern" | "script"> {
  const { pattern, script } = objectBody(request);
  if (typeof pattern !== "string" || !/^[^\s/]+/.test(pattern)) throw new ApiError("ROUTE_INVALID");
  if (taken.some((other) => other.zone === zone && other.pattern === pattern)) throw new ApiError("ROUTE_EXISTS");
  return { pattern, script: typeof script === "string" && script !== "" ? script : null };
}

/** A route without a script, which turns Workers off for its pattern, has no such field. */
function shown({ id, pattern, script }: RouteRecord): object {
  return { id, pattern, ...(script === null ? {} : { script }) };
}
