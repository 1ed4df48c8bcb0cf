import type { EnvironmentConfig } from "./config-schema.js";
import { decide, leftOut } from "./draft.js";
import type { LiveAddress, LiveFacts } from "./live-facts.js";
import { field, written, type WrittenField } from "./written.js";
import type { JsonValue } from "../../values/json.js";

/** Where a Worker answers, as fields of the set, with the ids to adopt. */
export interface DraftAddresses {
  readonly fields: readonly WrittenField[];
  /** Ids of existing addresses by pattern or hostname. */
  readonly routeIds: Readonly<Record<string, string>>;
  readonly domainIds: Readonly<Record<string, string>>;
  readonly comments: readonly string[];
}

type Route = Exclude<NonNullable<EnvironmentConfig["route"]>, string>;

/** The routes and custom domains of an environment. */
export async function draftAddresses(
  config: EnvironmentConfig,
  worker: string | undefined,
  live: LiveFacts | undefined,
): Promise<DraftAddresses> {
  const comments: string[] = [];
  const routes: JsonValue[] = [];
  const domains: JsonValue[] = [];
  const routeIds: Record<string, string> = {};
  const domainIds: Record<string, string> = {};
  const accountId = config.account_id || undefined;

  for (const route of routesOf(config)) {
    const { pattern, custom_domain: isDomain = false } = route;
    const zone = await zoneFields(route, accountId, live);
    if (zone === undefined) {
      comments.push(decide(`add '${pattern}' to routes with the id or the name of its zone, or import with --live`));
      continue;
    }
    if (isDomain) domains.push({ hostname: pattern, ...zone });
    else routes.push({ pattern, ...zone });
    const known = isDomain
      ? (await live?.domains(accountId))?.get(pattern)
      : zone.zoneId && (await live?.routes(accountId, zone.zoneId))?.get(pattern);
    if (known) (isDomain ? domainIds : routeIds)[pattern] = known.id;
    comments.push(...ownerComments(pattern, known || undefined, worker));
  }
  const isAny = routes.length + domains.length > 0;
  if (isAny && live === undefined) {
    comments.push(decide("routes and custom domains that exist need their ids in `adopt`: import with --live"));
  }
  const { workers_dev: workersDev = routesOf(config).length === 0 } = config;
  return {
    fields: [
      ...(routes.length > 0 ? [field("routes", written(routes))] : []),
      ...(domains.length > 0 ? [field("customDomains", written(domains))] : []),
      field("workersDev", written(workersDev)),
    ],
    routeIds,
    domainIds,
    comments: [...comments, ...routesOf(config).flatMap(restOf)],
  };
}

/** wrangler takes `routes` before `route`, and an empty route for none. */
function routesOf({ route, routes }: EnvironmentConfig): Route[] {
  const given = routes ?? (route === undefined || route === "" ? [] : [route]);
  return given.map((one) => (typeof one === "string" ? { pattern: one } : one));
}

async function zoneFields(
  { pattern, zone_id: zoneId, zone_name: zoneName, custom_domain: isDomain = false }: Route,
  accountId: string | undefined,
  live: LiveFacts | undefined,
): Promise<{ zoneId?: string; zoneName?: string } | undefined> {
  if (zoneId !== undefined && zoneId !== "") return { zoneId };
  const domain = (await live?.domains(accountId))?.get(pattern);
  if (domain !== undefined) return { zoneId: domain.zoneId };
  const zone = await live?.zoneOf(accountId, zoneName ?? hostOf(pattern));
  if (zone !== undefined) return { zoneId: zone.id };
  if (zoneName !== undefined) return { zoneName };
  // The zone of a custom domain is looked up by its host.
  return isDomain ? {} : undefined;
}

/** `*.example.com/shop/*` as `example.com`: the part of a pattern that is a host for certain. */
export function hostOf(pattern: string): string {
  const [host = ""] = pattern.replace(/^https?:\/\//, "").split("/");
  return host.replace(/^\*\.?/, "").toLowerCase();
}

function ownerComments(pattern: string, known: LiveAddress | undefined, worker: string | undefined): string[] {
  if (known?.worker === undefined || known.worker === worker) return [];
  return [decide(`'${pattern}' leads to the Worker '${known.worker}' now: the first apply changes that`)];
}

function restOf({ pattern, enabled, previews_enabled: previews }: Route): string[] {
  const given = Object.entries({ enabled, previews_enabled: previews }).filter(([, value]) => value !== undefined);
  return given.map(([name]) =>
    leftOut(`${name} of '${pattern}'`, "a custom domain of the provider has no such setting"),
  );
}
