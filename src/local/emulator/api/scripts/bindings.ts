import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Emulation } from "../../emulation.js";
import type { BindingRecord, WorkerRecord } from "../../records.js";
import { ApiError } from "../errors.js";

/** The most bytes of a variable or secret. */
const MAX_TEXT_BYTES = 5 * 1024;

/** Secrets survive an upload without `keep_bindings`; `wrangler deploy` relies on that. */
const KEPT_BY_DEFAULT = ["secret_text", "secret_key"];

/** The array under `bindings`, each with a name and a type. */
export function sentBindings(value: unknown): BindingRecord[] {
  if (value == null) return [];
  if (!Array.isArray(value)) throw new ApiError("SCRIPT_INVALID", "bindings must be an array");
  const bindings = value.map((binding): BindingRecord => {
    if (isObject(binding) && typeof binding.name === "string" && typeof binding.type === "string") {
      return { ...binding, name: binding.name, type: binding.type };
    }
    throw new ApiError("SCRIPT_INVALID", "each binding must have a name and a type");
  });
  const names = new Set<string>();
  for (const binding of bindings) {
    if (names.has(binding.name)) throw nameTaken(binding.name);
    names.add(binding.name);
    checkText(binding);
  }
  return bindings;
}

export function nameTaken(name: string): ApiError {
  const message = `Binding name '${name}' already in use. Please use a different name and try again.`;
  return new ApiError("BINDING_NAME_TAKEN", message);
}

/** The bindings that were sent, those of the kinds to keep, and the previous ones in place of `inherit`. */
export function keptBindings(
  sent: readonly BindingRecord[],
  { keep_bindings: keep }: JsonObject,
  former: readonly BindingRecord[],
  strict: boolean,
): BindingRecord[] {
  const kinds = new Set(Array.isArray(keep) ? keep.map(String) : KEPT_BY_DEFAULT);
  const names = new Set(sent.map(({ name }) => name));
  const kept = former.filter(({ name, type }) => kinds.has(type) && !names.has(name));
  const inherited = sent.flatMap((binding) => {
    if (binding.type !== "inherit") return binding;
    const old = former.find(({ name }) => name === (binding.old_name ?? binding.name));
    if (old !== undefined) return { ...old, name: binding.name };
    if (!strict) return [];
    throw new ApiError("INHERIT_INVALID", `binding '${binding.name}' does not exist on the previous version`);
  });
  return [...inherited, ...kept];
}

/** Refuses bindings to what does not exist in the account, as Cloudflare does. */
export function checkReferences(
  bindings: readonly BindingRecord[],
  account: string,
  { state }: Pick<Emulation, "state">,
): void {
  const has = <T extends { account: string }>(records: readonly T[], field: keyof T, value: unknown) =>
    records.some((record) => record.account === account && record[field] === value);
  for (const binding of bindings) {
    const { name, type } = binding;
    if (type === "kv_namespace" && !has(state.namespaces, "id", binding.namespace_id)) {
      throw new ApiError("BOUND_NAMESPACE_NOT_FOUND", `KV namespace '${String(binding.namespace_id)}' not found.`);
    }
    if (type === "d1") {
      const id = binding.id ?? binding.database_id;
      if (typeof id !== "string" || id === "") {
        throw new ApiError("SCRIPT_INVALID", `binding ${name} of type d1 must have a valid \`id\` specified`);
      }
      if (!has(state.databases, "uuid", id)) {
        const message = `D1 binding '${name}' references database '${id}' which was not found.`;
        throw new ApiError("BOUND_DATABASE_NOT_FOUND", message);
      }
    }
    if (type === "service" && !isDeployed(state.workers, account, binding.service)) {
      const message = `Service binding '${name}' references Worker '${String(binding.service)}' which was not found.`;
      throw new ApiError("BOUND_SERVICE_NOT_FOUND", message);
    }
  }
}

/** A binding as the API returns it: without a secret's text. */
export function shownBinding(binding: BindingRecord): JsonObject {
  if (!isSecret(binding)) return binding;
  const { text: _text, key_base64: _base64, key_jwk: _jwk, ...rest } = binding;
  return rest;
}

export const isSecret = ({ type }: BindingRecord): boolean => type === "secret_text" || type === "secret_key";

function isDeployed(workers: readonly WorkerRecord[], account: string, name: unknown): boolean {
  return workers.some((worker) => worker.account === account && worker.name === name && worker.deployments.length > 0);
}

function checkText({ name, type, text }: BindingRecord): void {
  if (type !== "plain_text" && type !== "secret_text") return;
  if (typeof text !== "string") {
    throw new ApiError("SCRIPT_INVALID", `invalid or missing text property for binding ${name}`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_TEXT_BYTES) return;
  throw new ApiError("TEXT_TOO_LARGE", `text binding '${name}' has ${bytes} bytes, the limit is ${MAX_TEXT_BYTES}`);
}
