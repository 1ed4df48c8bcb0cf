import { readFileSync } from "node:fs";
import type { Assembly, Database, Namespace, Stack } from "../assembly/index.js";
import { isObject } from "../values/json.js";

const NAMESPACE = "cloudflare_workers_kv_namespace";
const DATABASE = "cloudflare_d1_database";

/** The ids of an account's namespaces or databases, by name. */
export type IdsByName = ReadonlyMap<string, string>;

/** Looks up what an account has, for names whose id no file on this machine holds. */
export interface LiveIds {
  namespaces(accountId: string | undefined): Promise<IdsByName>;
  databases(accountId: string | undefined): Promise<IdsByName>;
}

/** The ids of what stacks manage: from the assembly, from states on this machine, and from Cloudflare when asked to. */
export class ResourceIds {
  private readonly states = new Map<string, ReadonlyMap<string, string>>();

  constructor(
    private readonly assembly: Assembly,
    private readonly live?: LiveIds,
  ) {}

  async namespace(namespace: Namespace): Promise<string | undefined> {
    const known = namespace.namespaceId ?? this.state(namespace.stack).get(`${NAMESPACE}.${namespace.logicalId}`);
    if (known !== undefined || namespace.name === undefined) return known;
    return (await this.live?.namespaces(namespace.accountId))?.get(namespace.name);
  }

  async database(database: Database, accountId: string | undefined): Promise<string | undefined> {
    const known = database.databaseId ?? this.state(database.stack).get(`${DATABASE}.${database.logicalId}`);
    if (known !== undefined || database.name === undefined) return known;
    return (await this.live?.databases(accountId))?.get(database.name);
  }

  private state(name: string): ReadonlyMap<string, string> {
    const known = this.states.get(name);
    if (known !== undefined) return known;
    const stack = this.assembly.stacks.find((one) => one.name === name);
    const ids = stack === undefined ? new Map<string, string>() : readState(stack);
    this.states.set(name, ids);
    return ids;
  }
}

/**
 * The ids of a stack's resources by address, from a state file of Terraform's version 4. Nothing when there is none, or
 * when it is encrypted or of another version: then the ids are not known on this machine.
 */
function readState({ stateFile }: Stack): ReadonlyMap<string, string> {
  const state = stateFile === undefined ? undefined : parse(stateFile);
  const resources = isObject(state) && state["version"] === 4 ? state["resources"] : undefined;
  const found = new Map<string, string>();
  for (const resource of Array.isArray(resources) ? (resources as unknown[]) : []) {
    if (!isObject(resource) || resource["mode"] !== "managed") continue;
    const { type, name, instances } = resource;
    const first: unknown = Array.isArray(instances) ? instances[0] : undefined;
    const attributes = isObject(first) ? first["attributes"] : undefined;
    const id = isObject(attributes) ? attributes["id"] : undefined;
    if (typeof type === "string" && typeof name === "string" && typeof id === "string")
      found.set(`${type}.${name}`, id);
  }
  return found;
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Not applied from this machine, or being written this moment.
    return undefined;
  }
}
