import { existsSync, readFileSync } from "node:fs";
import type { Namespace, Stack } from "../../assembly/index.js";
import { isObject } from "../../values/json.js";

const TYPE = "cloudflare_workers_kv_namespace";

/** The ids that Terraform's state knows of namespaces, where it is a file on this machine. Nothing else of it is kept. */
export function stateIds(stacks: readonly Stack[]): (namespace: Namespace) => string | undefined {
  const ids = new Map<string, string>();
  for (const { name, stateFile } of stacks) {
    if (stateFile === undefined || !existsSync(stateFile)) continue;
    for (const [logicalId, id] of idsIn(stateFile)) ids.set(`${name}/${logicalId}`, id);
  }
  return ({ stack, logicalId }) => ids.get(`${stack}/${logicalId}`);
}

function idsIn(file: string): [string, string][] {
  let state: unknown;
  try {
    state = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Encrypted, or being written: names are what is left to compare by.
    return [];
  }
  const resources: unknown = isObject(state) ? state["resources"] : undefined;
  if (!Array.isArray(resources)) return [];
  return (resources as unknown[]).flatMap((resource): [string, string][] => {
    if (!isObject(resource) || resource["type"] !== TYPE || typeof resource["name"] !== "string") return [];
    const [instance] = Array.isArray(resource["instances"]) ? (resource["instances"] as unknown[]) : [];
    const attributes = isObject(instance) ? instance["attributes"] : undefined;
    const id = isObject(attributes) ? attributes["id"] : undefined;
    return typeof id === "string" ? [[resource["name"], id]] : [];
  });
}
