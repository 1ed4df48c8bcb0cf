import { InputError } from "../errors.js";
import { isObject, type JsonObject } from "../values/json.js";

/** What Terraform would do, as far as it is shown. */
export interface Plan {
  readonly changes: readonly ResourceChange[];
  /** Differences between the state and what is there. */
  readonly drift: readonly ResourceChange[];
  /** Names of the outputs that would change. */
  readonly outputs: readonly string[];
  /** Whether applying it does anything at all. */
  readonly hasEffect: boolean;
}

/** What happens to a resource. */
export type Action = "create" | "update" | "delete" | "replace" | "forget" | "move" | "adopt";

/** One resource in a plan. Sensitive values are replaced. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  /** Its name in the configuration. */
  readonly logicalId: string;
  readonly action: Action;
  /** Whether it is imported first. */
  readonly isAdopted: boolean;
  readonly movedFrom?: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** Attributes that differ, without those that only the provider computes. */
  readonly changed: readonly string[];
}

/**
 * Reads what `show -json` prints of a plan.
 *
 * @throws InputError `PLAN_INVALID`
 */
export function readPlan(json: string, what: string): Plan {
  let plan: unknown;
  try {
    plan = JSON.parse(json);
  } catch (cause) {
    throw new InputError("PLAN_INVALID", `${what} is not valid JSON`, "update OpenTofu or Terraform", { cause });
  }
  if (!isObject(plan) || typeof plan["format_version"] !== "string") {
    throw new InputError("PLAN_INVALID", `${what} has no 'format_version'`, "update OpenTofu or Terraform");
  }
  const changes = listOf(plan["resource_changes"]).flatMap(readChange);
  const outputs = Object.entries(isObject(plan["output_changes"]) ? plan["output_changes"] : {}).flatMap(
    ([name, change]) => (isObject(change) && isNoop(change["actions"]) ? [] : [name]),
  );
  return {
    changes,
    drift: listOf(plan["resource_drift"]).flatMap(readChange),
    outputs,
    hasEffect: changes.length > 0 || outputs.length > 0,
  };
}

/** Nothing for a resource that stays as it is, and for data that is only read. */
function readChange(resource: JsonObject): ResourceChange[] {
  const { change, mode } = resource;
  if (!isObject(change) || (mode !== undefined && mode !== "managed")) return [];
  const movedFrom = resource["previous_address"];
  const isAdopted = isObject(change["importing"]);
  const action = actionOf(change["actions"], isAdopted, typeof movedFrom === "string");
  if (action === undefined) return [];
  const before = masked(change["before"], change["before_sensitive"]);
  const after = masked(change["after"], change["after_sensitive"]);
  return [
    {
      address: String(resource["address"]),
      type: String(resource["type"]),
      logicalId: String(resource["name"]),
      action,
      isAdopted,
      ...(typeof movedFrom === "string" && { movedFrom }),
      before: isObject(before) ? before : {},
      after: isObject(after) ? after : {},
      changed: changedAttributes(change),
    },
  ];
}

function actionOf(actions: unknown, isAdopted: boolean, isMoved: boolean): Action | undefined {
  const all = Array.isArray(actions) ? (actions as unknown[]) : [];
  if (all.includes("create") && all.includes("delete")) return "replace";
  for (const action of ["create", "update", "delete", "forget"] as const) if (all.includes(action)) return action;
  if (isAdopted) return "adopt";
  return isMoved ? "move" : undefined;
}

function isNoop(actions: unknown): boolean {
  return Array.isArray(actions) && actions.every((action) => action === "no-op");
}

/** What is secret differs without being shown, so it is compared before it is masked. */
function changedAttributes({ before, after, after_unknown: unknown }: JsonObject): string[] {
  if (!isObject(before) || !isObject(after)) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) =>
      !(isObject(unknown) && unknown[name] === true) && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}

/** A value without its sensitive parts, which Terraform marks in an object of the same shape. */
function masked(value: unknown, marks: unknown): unknown {
  if (marks === true) return "<sensitive>";
  if (Array.isArray(value)) {
    return value.map((item: unknown, at) => masked(item, Array.isArray(marks) ? (marks as unknown[])[at] : undefined));
  }
  if (!isObject(value) || !isObject(marks)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item, marks[name])]));
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
