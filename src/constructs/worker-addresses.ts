import { WorkersCronTrigger } from "@cdktf/provider-cloudflare/lib/workers-cron-trigger/index.js";
import { WorkersCustomDomain } from "@cdktf/provider-cloudflare/lib/workers-custom-domain/index.js";
import { WorkersRoute } from "@cdktf/provider-cloudflare/lib/workers-route/index.js";
import { WorkersScriptSubdomain } from "@cdktf/provider-cloudflare/lib/workers-script-subdomain/index.js";
import { type TerraformResource, Token } from "cdktf";
import type { Construct } from "constructs";
import { idsOf, isAdopted } from "./adoption.js";
import { literal } from "./literal.js";
import { GradualRollout } from "./rollout.js";
import { idOf } from "./stable-id.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";
import { Zones } from "./zones.js";

/** Defines what calls the Worker. All of it waits until the Worker runs, because it refers to `workerName`. */
export function defineAddresses(
  scope: Construct,
  record: Construct,
  props: WorkerWithKvBindingsProps,
  workerName: string,
  accountId: string,
  count?: string,
): void {
  /** A Worker that another tool deploys has addresses once it is there. */
  const once = (resource: TerraformResource): void => {
    if (count !== undefined) resource.addOverride("count", count);
  };
  const { routes = [], customDomains = [], crons, workersDev, rollout } = props;
  const ids = idsOf(props);
  const zones = new Zones(record, accountId, props.provider, [...routes, ...customDomains]);
  const byName = `${accountId}/${props.workerName}`;
  for (const { pattern, ...zone } of routes) {
    const zoneId = zones.idOf(zone);
    const route = new WorkersRoute(scope, idOf(scope, "Route", pattern), {
      zoneId,
      pattern: literal(pattern),
      script: workerName,
    });
    once(route);
    const routeId = ids.routes?.[pattern];
    if (routeId !== undefined) route.importFrom(`${zoneId}/${routeId}`);
  }
  for (const { hostname, ...zone } of customDomains) {
    const zoneId = zones.idOf(zone, hostname);
    const id = Token.isUnresolved(hostname) ? idOf(scope, "Domain", hostname) : `Domain-${hostname}`;
    const domain = new WorkersCustomDomain(scope, id, {
      accountId,
      hostname,
      service: workerName,
      zoneId,
      // Providers before 5.19 replace the domain on every plan when the API names an environment and this does not.
      environment: "production",
    });
    once(domain);
    const domainId = ids.customDomains?.[hostname];
    if (domainId !== undefined) domain.importFrom(`${accountId}/${domainId}`);
  }
  if (crons !== undefined) {
    // Sorted, so that reordering is not a change.
    const schedules = [...crons].sort().map((cron) => ({ cron }));
    const trigger = new WorkersCronTrigger(scope, "Crons", { accountId, scriptName: workerName, schedules });
    once(trigger);
    if (isAdopted(props)) trigger.importFrom(byName);
  }
  // The worker of a gradual rollout has an attribute for it; both together undo each other. An explicit false turns off
  // an address that was turned on by hand.
  if (workersDev !== undefined && !(rollout instanceof GradualRollout)) {
    const subdomain = new WorkersScriptSubdomain(scope, "WorkersDev", {
      accountId,
      scriptName: workerName,
      enabled: workersDev,
      previewsEnabled: false,
    });
    once(subdomain);
    if (isAdopted(props)) subdomain.importFrom(byName);
  }
}

/** The URLs of all that is known when synthesizing. */
export function addressUrls(props: WorkerWithKvBindingsProps): string[] {
  const { routes = [], customDomains = [], workersDev = false, workersDevSubdomain, workerName } = props;
  return [
    ...customDomains.map(({ hostname }) => `https://${hostname}`),
    ...routes.map(({ pattern }) => `https://${pattern.replace(/^https?:\/\//, "").replace(/\*$/, "")}`),
    ...(workersDev && workersDevSubdomain !== undefined
      ? [`https://${workerName}.${workersDevSubdomain}.workers.dev`]
      : []),
  ];
}
