import { createHash } from "node:crypto";
import type { Emulation, Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { ApiError } from "./errors.js";
import { type ApiRequest, objectBody, param } from "./http.js";
import { type DomainRecord, hexId, type RouteRecord, uuid } from "../state.js";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/ */
export const createRoute: Handler = async (request, { state, save, runtime }) => {
  const zone = param(request, "zone");
  const { pattern, script } = sentRoute(request, zone, state.routes);
  const route = { zone, id: hexId(), pattern, script };
  state.routes.push(route);
  runtime.outdate();
  await save();
  return ok(shownRoute(route));
};

export const listRoutes: Handler = (request, { state }) =>
  page(state.routes.filter(({ zone }) => zone === param(request, "zone")).map(shownRoute), request);

export const getRoute: Handler = (request, emulation) => ok(shownRoute(routeOf(request, emulation)));

export const putRoute: Handler = async (request, emulation) => {
  const route = routeOf(request, emulation);
  const others = emulation.state.routes.filter((other) => other !== route);
  Object.assign(route, sentRoute(request, route.zone, others));
  emulation.runtime.outdate();
  await emulation.save();
  return ok(shownRoute(route));
};

export const deleteRoute: Handler = async (request, emulation) => {
  const route = routeOf(request, emulation);
  emulation.state.routes = emulation.state.routes.filter((other) => other !== route);
  emulation.runtime.outdate();
  await emulation.save();
  return ok({ id: route.id });
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/methods/update/ */
export const putDomain: Handler = async (request, { state, save, runtime }) => {
  const account = param(request, "account");
  const { hostname, service, zone_id: zone, zone_name: name, environment } = objectBody(request);
  if (typeof hostname !== "string" || !/^[^\s/:*]+\.[^\s/:*]+$/.test(hostname)) {
    throw new ApiError("DOMAIN_INVALID", "hostname must be a host name");
  }
  if (typeof service !== "string") throw new ApiError("DOMAIN_INVALID", "service must be a Worker's name");
  const former = state.domains.find((other) => other.account === account && other.hostname === hostname);
  const zoneName = typeof name === "string" && name !== "" ? name : hostname.split(".").slice(-2).join(".");
  const domain: DomainRecord = former ?? {
    account,
    id: hexId(),
    hostname,
    service,
    zone_id: typeof zone === "string" ? zone : zoneIdOf(zoneName),
    zone_name: zoneName,
    cert_id: uuid(),
  };
  domain.service = service;
  if (typeof environment === "string") domain.environment = environment;
  if (former === undefined) state.domains.push(domain);
  runtime.outdate();
  await save();
  return ok(shownDomain(domain));
};

export const listDomains: Handler = (request, { state }) => {
  const filters = ["zone_id", "zone_name", "service", "environment", "hostname"] as const;
  const found = state.domains
    .filter(({ account }) => account === param(request, "account"))
    .filter((domain) => filters.every((name) => !request.query.has(name) || domain[name] === request.query.get(name)));
  return page(found.map(shownDomain), request);
};

export const getDomain: Handler = (request, emulation) => ok(shownDomain(domainOf(request, emulation)));

export const deleteDomain: Handler = async (request, emulation) => {
  const domain = domainOf(request, emulation);
  emulation.state.domains = emulation.state.domains.filter((other) => other !== domain);
  emulation.runtime.outdate();
  await emulation.save();
  return ok(null);
};

/**
 * Zones are taken for granted: any name has one, always the same, and any id.
 *
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 */
export const listZones: Handler = (request) => {
  const name = request.query.get("name");
  return page(name === null ? [] : [shownZone(zoneIdOf(name), name)], request);
};

export const getZone: Handler = (request) => {
  const id = param(request, "zone");
  return ok(shownZone(id, `${id}.example`));
};

function shownZone(id: string, name: string): object {
  return { id, name, status: "active", paused: false, type: "full" };
}

function routeOf(request: ApiRequest, { state }: Emulation): RouteRecord {
  const zone = param(request, "zone");
  const id = param(request, "route");
  const found = state.routes.find((route) => route.zone === zone && route.id === id);
  if (found === undefined) throw new ApiError("ROUTE_NOT_FOUND");
  return found;
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

/** A route without a script, which turns Workers off there, has no such field. */
function shownRoute({ id, pattern, script }: RouteRecord): object {
  return { id, pattern, ...(script === null ? {} : { script }) };
}

function domainOf(request: ApiRequest, { state }: Emulation): DomainRecord {
  const account = param(request, "account");
  const wanted = param(request, "domain");
  const found = state.domains.find((domain) => domain.account === account && domain.id === wanted);
  if (found === undefined) throw new ApiError("DOMAIN_NOT_FOUND");
  return found;
}

/** `environment` only when it was sent: older providers replace the domain over it. */
function shownDomain({ account: _account, environment, ...domain }: DomainRecord): object {
  return environment === undefined ? domain : { ...domain, environment };
}

function zoneIdOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}
