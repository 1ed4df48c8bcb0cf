import { InputError } from "../errors.js";
import { isObject, type JsonObject } from "../values/json.js";
import type { LockedKind } from "./model.js";

/** A deletion in a plan, of something with a name of its own. */
export interface Deletion {
  readonly kind: LockedKind;
  readonly address: string;
  readonly name: string;
  /** Whether Terraform would create it again, empty. */
  readonly isReplaced: boolean;
  readonly accountId: string | undefined;
  /** Its id at Cloudflare. */
  readonly id: string | undefined;
}

const KINDS: ReadonlyMap<string, readonly [kind: LockedKind, name: string]> = new Map([
  ["cloudflare_workers_kv_namespace", ["namespaces", "title"]],
  ["cloudflare_d1_database", ["databases", "name"]],
  ["cloudflare_workers_script", ["workers", "script_name"]],
  ["cloudflare_worker", ["workers", "name"]],
]);

/**
 * Every namespace, database and Worker that a plan deletes or replaces, from what `terraform show -json` prints.
 *
 * @throws InputError `PLAN_INVALID` when the text is not such a plan
 */
export function deletionsOf(text: string, file: string): readonly Deletion[] {
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, "it is not JSON", cause);
  }
  if (!isObject(plan) || typeof plan["format_version"] !== "string") throw invalid(file, "it has no 'format_version'");
  const changes = plan["resource_changes"] ?? [];
  if (!Array.isArray(changes)) throw invalid(file, "'resource_changes' is not a list");
  return changes.filter(isObject).flatMap(deletionOf);
}

function deletionOf(resource: JsonObject): Deletion[] {
  const kind = KINDS.get(String(resource["type"]));
  const change = resource["change"];
  if (kind === undefined || !isObject(change) || !Array.isArray(change["actions"])) return [];
  const actions: unknown[] = change["actions"];
  if (!actions.includes("delete")) return [];
  const before = isObject(change["before"]) ? change["before"] : {};
  const textOf = (field: string): string | undefined => {
    const value = before[field];
    return typeof value === "string" ? value : undefined;
  };
  return [
    {
      kind: kind[0],
      address: String(resource["address"]),
      name: textOf(kind[1]) ?? String(resource["address"]),
      isReplaced: actions.includes("create"),
      accountId: textOf("account_id"),
      id: textOf("id"),
    },
  ];
}

function invalid(file: string, why: string, cause?: unknown): InputError {
  const hint = "write one with: terraform plan -out plan.bin && terraform show -json plan.bin > plan.json";
  return new InputError("PLAN_INVALID", `${file} is not a Terraform plan in JSON: ${why}`, hint, { cause });
}
