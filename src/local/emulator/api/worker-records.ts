import type { Emulation } from "../emulation.js";
import { ApiError } from "./errors.js";
import { type ApiRequest, isObject, type JsonObject, param } from "./http.js";
import { type BindingRecord, hexId, type WorkerRecord } from "../state.js";

/** The Worker a path of the scripts API names. */
export function scriptOf(request: ApiRequest, { state }: Emulation): WorkerRecord {
  const account = param(request, "account");
  const name = param(request, "script");
  const found = state.workers.find((worker) => worker.account === account && worker.name === name);
  if (found === undefined) throw new ApiError("SCRIPT_NOT_FOUND");
  return found;
}

/** The Worker a path of the Workers API names, by id or by name. */
export function workerOf(request: ApiRequest, { state }: Emulation): WorkerRecord {
  const account = param(request, "account");
  const wanted = param(request, "worker");
  const mine = state.workers.filter((worker) => worker.account === account);
  const found = mine.find(({ id }) => id === wanted) ?? mine.find(({ name }) => name === wanted);
  if (found === undefined) throw new ApiError("SCRIPT_NOT_FOUND");
  return found;
}

/** A Worker without code. */
export function newWorker(account: string, name: string, settings: JsonObject, now: Date): WorkerRecord {
  checkName(name);
  return {
    account,
    id: hexId(),
    name,
    createdOn: now.toISOString(),
    updatedOn: now.toISOString(),
    deployedOn: null,
    settings,
    versions: [],
    deployments: [],
    subdomain: { enabled: false, previews_enabled: false },
    schedules: [],
  };
}

export function checkName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$/.test(name)) return;
  throw new ApiError(
    "SCRIPT_NAME_INVALID",
    `a Worker's name must have 1 to 255 letters, digits, '-' and '_', got '${name}'`,
  );
}

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
  for (const { name } of bindings) {
    if (names.has(name)) throw new ApiError("SCRIPT_INVALID", `Binding name '${name}' already in use.`);
    names.add(name);
  }
  return bindings;
}

/** As Cloudflare tells it again: a secret's text never comes back. */
export function shownBinding(binding: BindingRecord): JsonObject {
  if (!["secret_text", "secret_key"].includes(binding.type)) return binding;
  const { text: _text, key_base64: _base64, key_jwk: _jwk, ...rest } = binding;
  return rest;
}

/**
 * Runs what was just written into the state. When the Worker's own code fails as it is loaded, the change is taken
 * back and refused, as at Cloudflare. Code that only this machine cannot run stays, and a note tells of it.
 */
export async function runOrTakeBack(emulation: Emulation, worker: WorkerRecord, takeBack: () => void): Promise<void> {
  const { runtime } = emulation;
  runtime.outdate(worker.id);
  await runtime.upToDate();
  const failure = runtime.failures.get(worker.id);
  if (failure === undefined || !/Uncaught/.test(failure)) return;
  takeBack();
  runtime.outdate();
  await runtime.upToDate();
  throw new ApiError("SCRIPT_INVALID", failure.replace(/^Worker '[^']*': /, ""));
}
