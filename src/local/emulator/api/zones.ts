import { createHash } from "node:crypto";
import type { Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { param } from "./http.js";

/**
 * Every zone exists: a name always has the same id.
 *
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 */
export const listZones: Handler = (request) => {
  const name = request.query.get("name");
  return page(name === null ? [] : [shown(zoneIdOf(name), name)], request);
};

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
