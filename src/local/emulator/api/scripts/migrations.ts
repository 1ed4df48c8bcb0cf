import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Emulation } from "../../emulation.js";
import { type BindingRecord, type DurableObjectClass, type DurableObjects, hexId, type WorkerRecord } from "../../records.js";
import { ApiError } from "../errors.js";

const NONE: DurableObjects = { classes: [] };

/**
 * The Durable Object classes of a Worker after an upload: migrations are applied in order, and each bound class must
 * come from one.
 *
 * @throws ApiError with Cloudflare's codes: 10079 for another tag, 10074 for a class that exists, 10061 for a binding
 *   without a migration
 * @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
 */
export function migrated(
  worker: WorkerRecord,
  { migrations }: JsonObject,
  bindings: readonly BindingRecord[],
  emulation: Emulation,
): DurableObjects {
  const before = worker.durableObjects ?? NONE;
  const after = isObject(migrations) ? apply(migrations, before, bindings) : before;
  checkBound(worker, after, bindings, emulation);
  return after;
}

function apply(
  migrations: JsonObject,
  { tag, classes }: DurableObjects,
  bindings: readonly BindingRecord[],
): DurableObjects {
  const { old_tag: oldTag, new_tag: newTag, steps } = migrations;
  if ((oldTag ?? undefined) !== tag) {
    const current = tag === undefined ? "there is no current tag" : `current tag is ${tag}`;
    throw new ApiError("MIGRATION_TAG", `Migration tag precondition failed; ${current}`);
  }
  const known = new Map(classes.map((each) => [each.name, each]));
  // A migration with one step may omit `steps`.
  for (const step of Array.isArray(steps) && steps.length > 0 ? steps.filter(isObject) : [migrations]) {
    const create = (name: string, sqlite: boolean, id = hexId()): void => {
      if (known.has(name)) {
        const message = `Cannot apply new-class migration to class '${name}' that is already depended on by existing Durable Objects`;
        throw new ApiError("CLASS_EXISTS", message);
      }
      known.set(name, { name, sqlite, id });
    };
    const remove = (name: string, kind: string): DurableObjectClass => {
      const removed = known.get(name);
      if (removed === undefined) {
        const message = `Cannot apply ${kind} migration to class '${name}' because it is not currently configured to implement Durable Objects.`;
        throw new ApiError("CLASS_NOT_CONFIGURED", message);
      }
      known.delete(name);
      return removed;
    };
    for (const name of names(step.new_classes)) create(name, false);
    for (const name of names(step.new_sqlite_classes)) create(name, true);
    for (const { from, to } of pairs(step.renamed_classes)) {
      const { sqlite, id } = remove(from, "--rename-class");
      create(to, sqlite, id);
    }
    for (const { to } of pairs(step.transferred_classes)) create(to, false);
    for (const name of names(step.deleted_classes)) {
      if (bindings.some(({ type, class_name: bound }) => type === "durable_object_namespace" && bound === name)) {
        const message = `Cannot apply --delete-class migration to class '${name}' without also removing the binding that references it.`;
        throw new ApiError("CLASS_NOT_CONFIGURED", message);
      }
      remove(name, "--delete-class");
    }
  }
  return { ...(typeof newTag === "string" ? { tag: newTag } : {}), classes: [...known.values()] };
}

function checkBound(
  worker: WorkerRecord,
  { classes }: DurableObjects,
  bindings: readonly BindingRecord[],
  { state }: Emulation,
): void {
  for (const { type, class_name: name, script_name: script } of bindings) {
    if (type !== "durable_object_namespace") continue;
    const elsewhere = typeof script === "string" && script !== "" && script !== worker.name;
    const owner = elsewhere
      ? state.workers.find((other) => other.account === worker.account && other.name === script)
      : worker;
    if (owner === undefined) {
      const message = `Cannot create binding for class in script '${String(script)}' that does not exist.`;
      throw new ApiError("CLASS_NOT_CONFIGURED", message);
    }
    const known = elsewhere ? (owner.durableObjects ?? NONE).classes : classes;
    if (!known.some((each) => each.name === name)) {
      const message = `Cannot create binding for class '${String(name)}' because it is not currently configured to implement Durable Objects. Ensure a --new-class migration has been applied to it.`;
      throw new ApiError("CLASS_NOT_CONFIGURED", message);
    }
  }
}

const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function pairs(value: unknown): { readonly from: string; readonly to: string }[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.filter(isObject).map(({ from, to }) => ({ from: String(from), to: String(to) }));
}
