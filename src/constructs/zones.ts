import { DataCloudflareZones } from "@cdktf/provider-cloudflare/lib/data-cloudflare-zones/index.js";
import type { Postcondition, TerraformProvider } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import type { RouteProps } from "./worker-props.js";

type Zone = Pick<RouteProps, "zoneId" | "zoneName">;

interface Lookup {
  readonly zones: DataCloudflareZones;
  /** What must be true of the result, by the message. */
  readonly conditions: Map<string, string>;
}

/** For the record of each stack, its lookups by what is looked up. */
const lookupsOf = new WeakMap<IConstruct, Map<string, Lookup>>();

/** The zones of a Worker's addresses: by their ids, or looked up by Terraform, each once in a stack. */
export class Zones {
  private readonly names: readonly string[];

  constructor(
    /** The record of the stack, which its lookups belong to. */
    private readonly record: Construct,
    private readonly accountId: string,
    private readonly provider: TerraformProvider | undefined,
    addresses: readonly Zone[],
  ) {
    this.names = addresses.flatMap(({ zoneName }) => zoneName ?? []);
  }

  /** The id, or a reference to it. Without one of them, the zone is that of the host. */
  idOf({ zoneId, zoneName }: Zone, hostname = ""): string {
    if (zoneId !== undefined) return zoneId;
    const candidates = candidatesOf(hostname);
    const known = zoneName ?? candidates.find((candidate) => this.names.includes(candidate));
    return known === undefined ? this.zoneOf(hostname, candidates) : this.zoneNamed(known);
  }

  private zoneNamed(name: string): string {
    const lookup = this.lookup(name, name);
    demand(lookup, "${length(self.result) == 1}", `exactly one zone of the account must be named ${name}`);
    return `\${${lookup.zones.fqn}.result[0].id}`;
  }

  /** The zone with the longest name that the host ends in, of those with the last two labels of the host. */
  private zoneOf(hostname: string, candidates: readonly string[]): string {
    const base = candidates.at(-1) ?? hostname;
    const lookup = this.lookup(base, `ends_with:${base}`);
    const list = JSON.stringify(candidates);
    demand(
      lookup,
      `\${length([for zone in self.result : zone if contains(${list}, zone.name)]) > 0}`,
      `no zone of the account has the host ${hostname}: give the custom domain a zoneName or a zoneId`,
    );
    const result = `${lookup.zones.fqn}.result`;
    return `\${flatten([for name in ${list} : [for zone in ${result} : zone.id if zone.name == name]])[0]}`;
  }

  private lookup(name: string, filter: string): Lookup {
    const lookups = lookupsOf.get(this.record) ?? new Map<string, Lookup>();
    lookupsOf.set(this.record, lookups);
    const key = JSON.stringify([filter, this.accountId, this.provider?.fqn]);
    const known = lookups.get(key);
    if (known !== undefined) return known;
    const id = `Zone-${name}${filter === name ? "" : "-of-hosts"}`;
    const others = [...lookups.values()].filter(({ zones }) => zones.node.id.startsWith(id)).length;
    const zones = new DataCloudflareZones(this.record, others === 0 ? id : `${id}-${others + 1}`, {
      account: { id: this.accountId },
      name: filter,
      ...(this.provider !== undefined && { provider: this.provider }),
    });
    const lookup = { zones, conditions: new Map<string, string>() };
    lookups.set(key, lookup);
    return lookup;
  }
}

/** Names that a host's zone may have, the longest first: `shop.example.com` and `example.com`. */
function candidatesOf(hostname: string): readonly string[] {
  const labels = hostname.toLowerCase().split(".");
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
}

/** Adds a condition, unless another address has the same. */
function demand({ zones, conditions }: Lookup, condition: string, errorMessage: string): void {
  conditions.set(errorMessage, condition);
  const postcondition: Postcondition[] = [...conditions].map(([message, one]) => ({
    condition: one,
    errorMessage: message,
  }));
  zones.lifecycle = { postcondition };
}
