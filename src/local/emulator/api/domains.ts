import { isObject, type JsonObject } from "../../../values/json.js";
import type { Emulation, Handler } from "../emulation.js";
import { type DomainRecord, hexId, uuid } from "../records.js";
import { changed, find, without } from "./answers.js";
import { ok, page } from "./envelope.js";
import { ApiError } from "./errors.js";
import { type ApiRequest, jsonBody, objectBody, param } from "./http.js";
import { zoneIdOf } from "./zones.js";

const FILTERS = ["zone_id", "zone_name", "service", "environment", "hostname"] as const;

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/methods/update/ */
export const putDomain: Handler = (request, emulation) => {
  const domain = attach(param(request, "account"), objectBody(request), emulation);
  return changed(emulation, shown(domain));
};

/** wrangler's request before it attaches domains: which are new, and which move to this Worker. */
export const domainChangeset: Handler = (request, { state }) => {
  const { account, script } = { account: param(request, "account"), script: param(request, "script") };
  const sent = sentOrigins(request);
  const known = state.domains.filter((domain) => domain.account === account);
  const former = (hostname: unknown) => known.find((domain) => domain.hostname === hostname);
  return ok({
    added: sent.filter(({ hostname }) => former(hostname) === undefined),
    updated: sent.flatMap(({ hostname }) => {
      const domain = former(hostname);
      return domain === undefined ? [] : [{ ...shown(domain), modified: domain.service !== script }];
    }),
    removed: [],
    conflicting: [],
  });
};

/** Attaches the domains of a script that wrangler deploys. */
export const putScriptDomains: Handler = (request, emulation) => {
  const service = param(request, "script");
  const account = param(request, "account");
  find(emulation.state.workers, { account, name: service }, "SCRIPT_NOT_FOUND");
  const domains = sentOrigins(request).map((origin) => attach(account, { ...origin, service }, emulation));
  return changed(emulation, domains.map(shown));
};

export const listDomains: Handler = (request, { state }) => {
  const found = state.domains
    .filter(({ account }) => account === param(request, "account"))
    .filter((domain) => FILTERS.every((name) => !request.query.has(name) || domain[name] === request.query.get(name)));
  return page(found.map(shown), request);
};

export const getDomain: Handler = (request, { state }) => ok(shown(domainOf(request, state.domains)));

export const deleteDomain: Handler = (request, emulation) => {
  const { domains } = emulation.state;
  emulation.state.domains = without(domains, domainOf(request, domains));
  return changed(emulation, null);
};

function attach(account: string, body: JsonObject, { state }: Emulation): DomainRecord {
  const { hostname, service, zone_id: zone, zone_name: name, environment } = body;
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
  return domain;
}

/** wrangler sends an array to check, and an object with `origins` to attach. */
function sentOrigins(request: ApiRequest): JsonObject[] {
  const body = jsonBody(request);
  const origins = isObject(body) ? body.origins : body;
  if (Array.isArray(origins) && origins.every(isObject)) return origins;
  throw new ApiError("DOMAIN_INVALID", "origins must be an array of objects with a hostname");
}

function domainOf(request: ApiRequest, domains: readonly DomainRecord[]): DomainRecord {
  return find(domains, { account: param(request, "account"), id: param(request, "domain") }, "DOMAIN_NOT_FOUND");
}

/** `environment` only if it was sent: older providers replace the domain because of it. */
function shown({ account: _account, environment, ...domain }: DomainRecord): object {
  return environment === undefined ? domain : { ...domain, environment };
}
