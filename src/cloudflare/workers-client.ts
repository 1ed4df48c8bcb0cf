import { isObject } from "../values/json.js";
import { listOf } from "./answers.js";
import type { Http } from "./http.js";

/** A zone that a token can see. */
export interface ZoneInfo {
  readonly id: string;
  readonly name: string;
}

/** A route of a zone, and the Worker it leads to. */
export interface RouteInfo {
  readonly id: string;
  readonly pattern: string;
  readonly worker: string | undefined;
}

/** A custom domain of a Worker. */
export interface DomainInfo {
  readonly id: string;
  readonly hostname: string;
  readonly zoneId: string;
  readonly worker: string;
}

/** A binding of a Worker in the API's own form. */
export type BindingInfo = Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string };

/** What a Worker runs with. */
export interface SettingsInfo {
  readonly bindings: readonly BindingInfo[];
  readonly compatibilityDate: string | undefined;
  readonly compatibilityFlags: readonly string[];
  readonly isLogpush: boolean;
  readonly observability: Readonly<Record<string, unknown>> | undefined;
}

const ZONES_PER_PAGE = 50;
const SCRIPTS_READ = "Workers Scripts: Read";
const ROUTES_READ = "Workers Routes: Read";

/** The Workers of one account, with their addresses, over the REST API. */
export class WorkersClient {
  constructor(
    private readonly http: Http,
    private readonly accountId: string,
  ) {}

  /** The names of a Worker's secrets. Cloudflare returns no value of one. */
  async secretNames(worker: string): Promise<readonly string[]> {
    const all = await this.read(worker, "secrets", `list the secrets of Worker '${worker}'`, listOf(secretName));
    return all;
  }

  /** Bindings and settings of the code that runs. */
  async settings(worker: string): Promise<SettingsInfo> {
    return this.read(worker, "settings", `read the settings of Worker '${worker}'`, settingsInfo);
  }

  /** The cron expressions of a Worker. */
  async crons(worker: string): Promise<readonly string[]> {
    return this.read(worker, "schedules", `list the schedules of Worker '${worker}'`, (result) =>
      isObject(result) ? listOf(cronOf)(result["schedules"] ?? []) : undefined,
    );
  }

  /** Whether a Worker answers on workers.dev. */
  async isOnWorkersDev(worker: string): Promise<boolean> {
    return this.read(worker, "subdomain", `read the workers.dev address of Worker '${worker}'`, (result) =>
      isObject(result) && typeof result["enabled"] === "boolean" ? result["enabled"] : undefined,
    );
  }

  /** The code of a Worker that is one ES module; undefined for any other. */
  async module(worker: string): Promise<string | undefined> {
    const path = `accounts/${this.accountId}/workers/scripts/${encodeURIComponent(worker)}/content/v2`;
    const doing = `read the code of Worker '${worker}'`;
    return onlyModule(await this.http.bytes({ method: "GET", path, doing, permission: SCRIPTS_READ }));
  }

  /** The zones of the account. */
  async listZones(): Promise<readonly ZoneInfo[]> {
    const found: ZoneInfo[] = [];
    for (let page = 1; ; page++) {
      const { result } = await this.http.call(
        {
          method: "GET",
          path: "zones",
          doing: "list zones",
          query: { "account.id": this.accountId, page, per_page: ZONES_PER_PAGE },
          permission: "Zone: Read",
        },
        listOf(zoneInfo),
      );
      found.push(...result);
      if (result.length < ZONES_PER_PAGE) return found;
    }
  }

  /** The routes of a zone. */
  async listRoutes(zoneId: string): Promise<readonly RouteInfo[]> {
    const path = `zones/${encodeURIComponent(zoneId)}/workers/routes`;
    const request = {
      method: "GET",
      path,
      doing: `list the routes of zone ${zoneId}`,
      permission: ROUTES_READ,
    } as const;
    return (await this.http.call(request, listOf(routeInfo))).result;
  }

  /** The custom domains of the account's Workers. */
  async listDomains(): Promise<readonly DomainInfo[]> {
    const path = `accounts/${this.accountId}/workers/domains`;
    const request = { method: "GET", path, doing: "list custom domains", permission: SCRIPTS_READ } as const;
    return (await this.http.call(request, listOf(domainInfo))).result;
  }

  private async read<T>(
    worker: string,
    part: string,
    doing: string,
    read: (result: unknown) => T | undefined,
  ): Promise<T> {
    const path = `accounts/${this.accountId}/workers/scripts/${encodeURIComponent(worker)}/${part}`;
    return (await this.http.call({ method: "GET", path, doing, permission: SCRIPTS_READ }, read)).result;
  }
}

function secretName(secret: unknown): string | undefined {
  return isObject(secret) && typeof secret["name"] === "string" ? secret["name"] : undefined;
}

function cronOf(schedule: unknown): string | undefined {
  return isObject(schedule) && typeof schedule["cron"] === "string" ? schedule["cron"] : undefined;
}

function zoneInfo(zone: unknown): ZoneInfo | undefined {
  if (!isObject(zone)) return undefined;
  const { id, name } = zone;
  return typeof id === "string" && typeof name === "string" ? { id, name } : undefined;
}

function routeInfo(route: unknown): RouteInfo | undefined {
  if (!isObject(route)) return undefined;
  const { id, pattern, script } = route;
  if (typeof id !== "string" || typeof pattern !== "string") return undefined;
  return { id, pattern, worker: typeof script === "string" ? script : undefined };
}

function domainInfo(domain: unknown): DomainInfo | undefined {
  if (!isObject(domain)) return undefined;
  const { id, hostname, zone_id: zoneId, service } = domain;
  if (typeof id !== "string" || typeof hostname !== "string") return undefined;
  return typeof zoneId === "string" && typeof service === "string"
    ? { id, hostname, zoneId, worker: service }
    : undefined;
}

function settingsInfo(settings: unknown): SettingsInfo | undefined {
  if (!isObject(settings)) return undefined;
  const bindings = listOf(bindingInfo)(settings["bindings"] ?? []);
  if (bindings === undefined) return undefined;
  const { compatibility_date: date, compatibility_flags: flags, logpush, observability } = settings;
  return {
    bindings,
    compatibilityDate: typeof date === "string" && date !== "" ? date : undefined,
    compatibilityFlags: Array.isArray(flags) ? flags.filter((flag) => typeof flag === "string") : [],
    isLogpush: logpush === true,
    observability: isObject(observability) ? observability : undefined,
  };
}

function bindingInfo(binding: unknown): BindingInfo | undefined {
  if (!isObject(binding)) return undefined;
  const { name, type } = binding;
  return typeof name === "string" && typeof type === "string" ? { ...binding, name, type } : undefined;
}

/** The one module of a form. Its first line is the boundary; a script without modules is no form. */
async function onlyModule(form: Uint8Array): Promise<string | undefined> {
  const boundary = /^--([^\r\n]{1,200})\r?\n/.exec(new TextDecoder().decode(form.subarray(0, 300)))?.[1];
  if (boundary === undefined) return undefined;
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  let parts: (string | File)[];
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- one form of Cloudflare's, not what a server receives
    parts = [...(await new Response(form, { headers }).formData()).values()];
  } catch {
    // A script that begins with '--'.
    return undefined;
  }
  const [only] = parts;
  if (parts.length !== 1 || only === undefined) return undefined;
  if (typeof only === "string") return only;
  return only.type.startsWith("application/javascript+module") ? only.text() : undefined;
}
