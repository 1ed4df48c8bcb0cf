import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Handler } from "../../emulation.js";
import type { BindingRecord, WorkerRecord } from "../../records.js";
import { find, saved } from "../answers.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, objectBody, param } from "../http.js";
import { isSecret, nameTaken, sentBindings, shownBinding } from "./bindings.js";
import { deployBindings, scriptOf } from "./worker-records.js";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/ */
export const listSecrets: Handler = (request, emulation) =>
  ok(secretsOf(scriptOf(request, emulation)).map(shownBinding));

export const getSecret: Handler = (request, emulation) => {
  const secrets = secretsOf(scriptOf(request, emulation));
  return ok(shownBinding(find(secrets, { name: param(request, "secret") }, "BINDING_NOT_FOUND")));
};

/** Sets one secret, as a new version of the code that runs. */
export const putSecret: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = scriptOf(request, emulation);
    const [secret] = sentBindings([objectBody(request)]);
    if (secret === undefined || !isSecret(secret)) {
      throw new ApiError("BODY_INVALID", "type must be 'secret_text' or 'secret_key'");
    }
    await deployBindings(worker, withSecrets(worker, { [secret.name]: secret }), {}, emulation);
    return saved(emulation, shownBinding(secret));
  });

export const deleteSecret: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = scriptOf(request, emulation);
    const { name } = find(secretsOf(worker), { name: param(request, "secret") }, "BINDING_NOT_FOUND");
    await deployBindings(worker, withSecrets(worker, { [name]: null }), {}, emulation);
    return saved(emulation, null);
  });

/** Sets and deletes many at once; other secrets stay. */
export const patchSecrets: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = scriptOf(request, emulation);
    const changes = sentChanges(request);
    await deployBindings(worker, withSecrets(worker, changes), {}, emulation);
    return saved(emulation, secretsOf(worker).map(shownBinding));
  });

/** The bindings of the newest version with these secrets set, and those that are `null` deleted. */
export function withSecrets(
  { versions }: Pick<WorkerRecord, "versions">,
  changes: Readonly<Record<string, BindingRecord | null>>,
): BindingRecord[] {
  const former = versions.at(-1)?.bindings ?? [];
  for (const binding of former) {
    if (changes[binding.name] != null && !isSecret(binding)) throw nameTaken(binding.name);
  }
  const set = Object.values(changes).flatMap((secret) => secret ?? []);
  return [...former.filter(({ name }) => !Object.hasOwn(changes, name)), ...set];
}

/** An object of secrets by name, where `null` deletes. */
export function secretChanges(sent: JsonObject): Record<string, BindingRecord | null> {
  return Object.fromEntries(
    Object.entries(sent).map(([name, secret]) => {
      if (secret === null) return [name, null];
      const [binding] = isObject(secret) ? sentBindings([{ ...secret, name, type: secret.type ?? "secret_text" }]) : [];
      if (binding !== undefined && isSecret(binding)) return [name, binding];
      throw new ApiError("BODY_INVALID", `secret '${name}' must be an object with the string text, or null`);
    }),
  );
}

function sentChanges(request: ApiRequest): Record<string, BindingRecord | null> {
  const { secrets } = objectBody(request);
  if (isObject(secrets)) return secretChanges(secrets);
  throw new ApiError("BODY_INVALID", "secrets must be an object of secrets by name");
}

function secretsOf({ versions }: Pick<WorkerRecord, "versions">): BindingRecord[] {
  return (versions.at(-1)?.bindings ?? []).filter(isSecret);
}
