import { createHash } from "node:crypto";
import type { Emulation, Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { param } from "./http.js";

/**
 * Every zone exists: a name always has the same id. Asked for names with an ending, as in `ends_with:example.com`, the
 * account has the one zone of that name. Without a name, those are listed that routes and domains use.
 *
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 */
export const listZones: Handler = (request, emulation) => {
  const name = request.query.get("name")?.replace(/^(equal|ends_with):/, "") ?? null;
  const zones = name === null ? usedZones(emulation) : new Map([[zoneIdOf(name), name]]);
  return page(
    [...zones].map(([id, each]) => shown(id, each)),
    request,
  );
};

/** The names of zones by id. The name behind an id that was made elsewhere is not known. */
function usedZones({ state }: Emulation): Map<string, string> {
  const zones = new Map(state.domains.map(({ zone_id: id, zone_name: name }) => [id, name]));
  for (const { zone, pattern } of state.routes) {
    const labels = pattern.replace(/^\w+:\/\//, "").split("/")[0]?.split(".") ?? [];
    const names = labels.map((_, at) => labels.slice(at).join("."));
    const name = names.find((each) => zoneIdOf(each) === zone);
    if (name !== undefined) zones.set(zone, name);
  }
  return zones;
}

export const getZone: Handler = (request) => {
  const id = param(request, "zone");
  return ok(shown(id, `${id}.example`));
};

export function zoneIdOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

function shown(id: string, name: string): object {
  return { id, name, status: "active", paused: false, type: "full" };
}
