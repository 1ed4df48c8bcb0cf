import { existsSync, statSync } from "node:fs";
import { Token } from "cdktf";
import { hexIdProblem } from "../kv/ids.js";
import { repeated } from "../values/text.js";
import type { IKvNamespace } from "./kv-namespace-props.js";
import { missingFile } from "./problems.js";
import { GradualRollout } from "./rollout.js";
import { hasReference } from "./terraform-text.js";
import type { RouteProps, WorkerWithKvBindingsProps } from "./worker-props.js";

const WORKER_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const HOSTNAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;
const PATTERN = /^(https?:\/\/)?(\*?[a-z0-9.-]*\.[a-z0-9-]+|\*)(\/[^\s?#]*)?$/i;

/** Every broken rule of a Worker's props, except those of its bindings and its code. */
export function workerProblems(props: WorkerWithKvBindingsProps): (string | undefined)[] {
  const { routes = [], customDomains = [], crons = [], tailConsumers = [] } = props;
  return [
    workerNameProblem("workerName", props.workerName),
    ...routes.flatMap(({ pattern, ...zone }) => [
      PATTERN.test(pattern) || Token.isUnresolved(pattern)
        ? undefined
        : `route pattern must be a host and a path such as 'shop.example.com/api/*', got '${pattern}'`,
      routeZoneProblem(pattern, zone),
    ]),
    ...twice(
      "route",
      routes.map(({ pattern }) => pattern),
    ),
    ...customDomains.flatMap(({ hostname, ...zone }) => [
      HOSTNAME.test(hostname) || Token.isUnresolved(hostname)
        ? undefined
        : `custom domain must be a host such as 'shop.example.com', got '${hostname}'`,
      zoneProblem(`custom domain '${hostname}'`, hostname, zone),
    ]),
    ...twice(
      "custom domain",
      customDomains.map(({ hostname }) => hostname),
    ),
    ...crons.map(cronProblem),
    ...twice("cron", crons),
    ...tailConsumers.map((name) => workerNameProblem("tailConsumers", name)),
    dateProblem(props.compatibilityDate),
    rateProblem(props.observability?.headSamplingRate),
    cpuProblem(props.limits?.cpuMs),
    props.workersDevSubdomain !== undefined && props.workersDev !== true
      ? "workersDevSubdomain has no effect unless workersDev is true"
      : undefined,
    assetsProblem(props.assets?.directory),
  ];
}

/** What a gradual rollout cannot do, or the lack of code without one. */
export function rolloutProblems(props: WorkerWithKvBindingsProps, isMixed: boolean): (string | undefined)[] {
  const { rollout, code } = props;
  if (code === "wrangler" || code?.deployedBy === "wrangler") return [];
  if (!(rollout instanceof GradualRollout)) {
    return [code === undefined ? "code is required, such as WorkerCode.fromEntry('src/worker.ts')" : undefined];
  }
  return [
    ...rollout.problems(code),
    isMixed && rollout.options.mixedBindings !== true
      ? "a gradual rollout is safe with KV bindings only, because the provider mixes up others: " +
        "pass { mixedBindings: true } to Rollout.gradual to take the risk, or use Rollout.allAtOnce()"
      : undefined,
    ...Object.entries(props.vars ?? {})
      .filter(([, value]) => value === null)
      .map(([name]) => `vars '${name}' cannot be null in a gradual rollout: every plan would replace the version`),
    ...(["limits", "placement", "assets", "migrations"] as const)
      .filter((field) => props[field] !== undefined)
      .map((field) => `${field} cannot be kept by a gradual rollout: drop it, or use Rollout.allAtOnce()`),
  ];
}

/**
 * A Worker can only bind namespaces of its own account, and the TTL and description that the code receives must be
 * known.
 */
export function namespaceProblems(binding: string, namespace: IKvNamespace, accountId: string): (string | undefined)[] {
  const { ttlSeconds, description } = namespace;
  return [
    accountProblem(binding, namespace, accountId),
    hasReference([ttlSeconds, description])
      ? `ttlSeconds and description of the namespace bound as '${binding}' must be known when synthesizing`
      : undefined,
  ];
}

function accountProblem(binding: string, { accountId: owner, node }: IKvNamespace, accountId: string) {
  if (owner === undefined || Token.isUnresolved(owner) || Token.isUnresolved(accountId) || owner === accountId) {
    return undefined;
  }
  return `namespace '${node.path}' bound as '${binding}' belongs to account ${owner}, the Worker to ${accountId}`;
}

function workerNameProblem(field: string, name: string): string | undefined {
  if (Token.isUnresolved(name) || WORKER_NAME.test(name)) return undefined;
  return `${field} must be 1 to 63 lower-case letters, digits and inner '-', got '${name}'`;
}

type Zone = Pick<RouteProps, "zoneId" | "zoneName">;

function routeZoneProblem(pattern: string, zone: Zone): string | undefined {
  const where = `route '${pattern}'`;
  if ((zone.zoneId ?? zone.zoneName) === undefined) return `${where} must have a zoneId, or a zoneName to look up`;
  const host = pattern.replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
  return zoneProblem(where, host, zone);
}

function zoneProblem(where: string, host: string, { zoneId, zoneName }: Zone): string | undefined {
  if (zoneId !== undefined && zoneName !== undefined) return `${where} must have a zoneId or a zoneName, not both`;
  if (zoneId !== undefined) return Token.isUnresolved(zoneId) ? undefined : hexIdProblem(`${where}: zoneId`, zoneId);
  if (zoneName === undefined) return undefined;
  if (!HOSTNAME.test(zoneName)) return `${where}: zoneName must be a domain such as 'example.com', got '${zoneName}'`;
  // A wildcard may take the place of any beginning: `*example.com/*`.
  const isInside =
    Token.isUnresolved(host) || host === "*" || `.${host.toLowerCase().replace(/^\*\.?/, "")}`.endsWith(`.${zoneName}`);
  return isInside ? undefined : `${where} does not belong to the zone '${zoneName}'`;
}

function twice(what: string, names: readonly string[]): string[] {
  return repeated(names).map((name) => `${what} '${name}' is listed twice`);
}

function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (Token.isUnresolved(cron) || (fields.length === 5 && fields.every((field) => /^[\dA-Za-z*,/#-]+$/.test(field)))) {
    return undefined;
  }
  return `a cron must have five fields such as '*/5 * * * *', got '${cron}'`;
}

function dateProblem(date: string | undefined): string | undefined {
  if (date === undefined || Token.isUnresolved(date)) return undefined;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T00:00:00Z`) : undefined;
  if (day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)) return undefined;
  return `compatibilityDate must be a day such as '2026-04-01', got '${date}'`;
}

function rateProblem(rate: number | undefined): string | undefined {
  if (rate === undefined || Token.isUnresolved(rate) || (rate >= 0 && rate <= 1)) return undefined;
  return `observability: headSamplingRate must be 0 to 1, got ${rate}`;
}

function cpuProblem(cpuMs: number | undefined): string | undefined {
  if (cpuMs === undefined || Token.isUnresolved(cpuMs) || (Number.isInteger(cpuMs) && cpuMs > 0)) return undefined;
  return `limits: cpuMs must be a positive whole number of milliseconds, got ${cpuMs}`;
}

function assetsProblem(directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  if (!existsSync(directory)) return missingFile("assets: directory", directory);
  return statSync(directory).isDirectory() ? undefined : `assets: '${directory}' is not a directory`;
}
