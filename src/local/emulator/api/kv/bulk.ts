import { isObject } from "../../../../values/json.js";
import * as KV_LIMITS from "../../../../kv/limits.js";
import type { Emulation, Handler } from "../../emulation.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, jsonBody, objectBody } from "../http.js";
import { checkKey, checkMetadata, checkValueSize, expiry } from "./rules.js";
import { expirationOf, markExpiring, opened } from "./values.js";
import type { StoreEntry } from "../../../engine/store-entry.js";

/** How many entries of a bulk operation are written at once. */
const BATCH = { entries: 10_000, characters: 50_000_000 };

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_update/ */
export const bulkPut: Handler = async (request, emulation) => {
  const { namespace, id, store } = await opened(request, emulation);
  const entries = bulkArray(request).map((item, at) => sentEntry(item, at, emulation.now()));
  const expires = entries.some(
    ({ expiration, expirationTtl }) => expiration !== undefined || expirationTtl !== undefined,
  );
  if (expires) await markExpiring(namespace, emulation);
  const { kept, spoiled } = spoil(entries, emulation);
  // The last entry of a repeated key counts, whatever order workerd writes them in.
  const unique = [...new Map(kept.map((entry) => [entry.key, entry])).values()];
  await emulation.stale.remember(
    id,
    store,
    unique.map(({ key }) => key),
  );
  const failed: string[] = [];
  for (const batch of batches(unique, (entry) => entry.key.length + entry.value.length)) {
    failed.push(...(await store.putAll(batch)).flatMap((at) => batch[at]?.key ?? []));
  }
  emulation.tally.requests = entries.length - spoiled.length - failed.length;
  emulation.tally.bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  return ok(report(entries.length, [...spoiled.map(({ key }) => key), ...failed]));
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_delete/ */
export const bulkDelete: Handler = async (request, emulation) => {
  const { id, store } = await opened(request, emulation);
  const keys = bulkArray(request).map((key, at) => sentKey(key, at));
  const { kept, spoiled } = spoil(keys, emulation);
  await emulation.stale.remember(id, store, kept);
  const failed: string[] = [];
  for (const batch of batches([...new Set(kept)], (key) => key.length)) {
    failed.push(...(await store.deleteAll(batch)).flatMap((at) => batch[at] ?? []));
  }
  emulation.tally.requests = keys.length - spoiled.length - failed.length;
  return ok(report(keys.length, [...spoiled, ...failed]));
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_get/ */
export const bulkGet: Handler = async (request, emulation) => {
  const { id, store, namespace } = await opened(request, emulation);
  const { keys, type = "text", withMetadata = false } = objectBody(request);
  if (!Array.isArray(keys) || keys.length === 0) throw new ApiError("BODY_INVALID", "keys must be an array of keys");
  if (keys.length > KV_LIMITS.maxBulkGetKeys) {
    throw new ApiError("BULK_TOO_MANY", `You can request a maximum of ${KV_LIMITS.maxBulkGetKeys} keys`);
  }
  if (type !== "text" && type !== "json") throw new ApiError("BODY_INVALID", "type must be 'text' or 'json'");
  const wanted = keys.map((key, at) => sentKey(key, at));
  const found = await store.getAll(wanted);
  const bytes = found.reduce((sum, entry) => sum + Buffer.byteLength(entry?.value ?? ""), 0);
  if (bytes > KV_LIMITS.maxBulkGetBytes) {
    throw new ApiError("VALUE_TOO_LARGE", "Total size of request exceeds the limit of 25MB");
  }
  const described = withMetadata === true;
  const expirations =
    described && namespace.expires === true ? await Promise.all(wanted.map((key) => expirationOf(store, key))) : [];
  const values = wanted.map((key, at) => {
    const former = emulation.stale.former(id, key);
    const entry = former === undefined ? found[at] : textual(former.value);
    if (entry == null) return [key, null] as const;
    const value = type === "json" ? json(entry.value) : entry.value;
    if (!described) return [key, value] as const;
    const expiration = expirations[at];
    const { metadata } = entry;
    return [key, { value, metadata, ...(expiration === undefined ? {} : { expiration }) }] as const;
  });
  Object.assign(emulation.tally, { requests: wanted.length, bytes });
  return ok({ values: Object.fromEntries(values) });
};

function bulkArray(request: ApiRequest): unknown[] {
  if (request.body.byteLength > KV_LIMITS.maxBulkBytes) {
    throw new ApiError("BODY_TOO_LARGE", `a bulk request must have at most ${KV_LIMITS.maxBulkBytes} bytes`);
  }
  const body = jsonBody(request);
  if (!Array.isArray(body)) throw new ApiError("BODY_INVALID", "could not parse request body: it must be an array");
  if (body.length <= KV_LIMITS.maxBulkPairs) return body;
  throw new ApiError(
    "BULK_TOO_MANY",
    `bulk: 'received ${body.length} key/value pairs, but max allowed per request is: ${KV_LIMITS.maxBulkPairs}'`,
  );
}

function sentEntry(item: unknown, at: number, now: Date): StoreEntry {
  if (!isObject(item)) throw new ApiError("BODY_INVALID", `item ${at} must be an object`);
  const { value, base64 = false, metadata } = item;
  const key = sentKey(item.key, at);
  if (typeof value !== "string") throw new ApiError("BODY_INVALID", `item ${at} must have a value that is a string`);
  if (typeof base64 !== "boolean") throw new ApiError("BODY_INVALID", `base64 of item ${at} must be true or false`);
  if (base64 && !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw new ApiError("BODY_INVALID", `item ${at} is not base64`);
  checkValueSize(base64 ? Buffer.byteLength(value, "base64") : Buffer.byteLength(value));
  if (metadata != null) checkMetadata(metadata);
  return {
    key,
    value,
    ...(base64 ? { base64 } : {}),
    ...(metadata == null ? {} : { metadata }),
    ...expiry(item.expiration, item.expiration_ttl, now),
  };
}

function sentKey(key: unknown, at: number): string {
  if (typeof key !== "string") throw new ApiError("BODY_INVALID", `the key of item ${at} must be a string`);
  checkKey(key);
  return key;
}

/** The fault of partial failure: evenly distributed, so that a test knows how many to expect. */
function spoil<T>(items: readonly T[], { partialFailure }: Emulation): { kept: T[]; spoiled: T[] } {
  const share = partialFailure();
  const fails = (at: number) => Math.floor((at + 1) * share) > Math.floor(at * share);
  return { kept: items.filter((_, at) => !fails(at)), spoiled: items.filter((_, at) => fails(at)) };
}

function* batches<T>(items: readonly T[], sizeOf: (item: T) => number): Generator<T[]> {
  let batch: T[] = [];
  let size = 0;
  for (const item of items) {
    if (batch.length >= BATCH.entries || (batch.length > 0 && size + sizeOf(item) > BATCH.characters)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(item);
    size += sizeOf(item);
  }
  if (batch.length > 0) yield batch;
}

function report(count: number, failed: readonly string[]): object {
  return { successful_key_count: count - failed.length, unsuccessful_keys: failed };
}

function textual(
  value: { body: Uint8Array; metadata: unknown } | undefined,
): { value: string; metadata: unknown } | null {
  return value === undefined ? null : { value: new TextDecoder().decode(value.body), metadata: value.metadata };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError("BODY_INVALID", "At least one of the requested keys corresponds to a non-JSON value");
  }
}

function sizeOf({ value, base64 }: StoreEntry): number {
  return Buffer.byteLength(value, base64 === true ? "base64" : "utf8");
}
