import { byText } from "../values/text.js";
import type { ResourceChange } from "./plan.js";

/** The names of attributes; their values may be long, or secret. */
export function changedDetail(changed: readonly string[]): string[] {
  return changed.length === 0 ? [] : [`changed: ${[...changed].sort(byText).join(", ")}`];
}

/** That a resource has another address in the state, which changes nothing at Cloudflare. */
export function moved({ movedFrom, isAdopted, action }: ResourceChange): string[] {
  return [
    ...(movedFrom === undefined
      ? []
      : [`known as ${movedFrom} until now; nothing of it changes at Cloudflare by that`]),
    ...(isAdopted && action !== "adopt" ? ["it exists already, and Terraform takes it over"] : []),
  ];
}

/** The name at Cloudflare, or in the configuration. */
export function nameOf({ before, after, logicalId }: ResourceChange): string {
  for (const side of [after, before]) {
    for (const field of ["title", "script_name", "key_name", "name", "hostname", "pattern", "queue_name"]) {
      const value = side[field];
      if (typeof value === "string" && value !== "") return value;
    }
  }
  return logicalId;
}
