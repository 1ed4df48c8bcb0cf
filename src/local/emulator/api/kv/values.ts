import * as KV_LIMITS from "../../../../kv/limits.js";
import type { EngineStore } from "../../../engine/store.js";
import type { Emulation, Handler } from "../../emulation.js";
import type { NamespaceRecord } from "../../records.js";
import { ok, raw } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, jsonText, param } from "../http.js";
import { parseMultipart } from "../multipart.js";
import { namespaceOf } from "./namespaces.js";
import { checkKey, checkMetadata, checkValueSize, expiry } from "./rules.js";

const MIN_LIST_KEYS = 10;

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/keys/methods/list/ */
export const listKeys: Handler = async (request, emulation) => {
  const { store } = await opened(request, emulation);
  const { query } = request;
  const limit = Number(query.get("limit") ?? KV_LIMITS.maxListKeys);
  if (!Number.isInteger(limit) || limit < MIN_LIST_KEYS || limit > KV_LIMITS.maxListKeys) {
    throw new ApiError("LIST_INVALID", `limit must be from ${MIN_LIST_KEYS} to ${KV_LIMITS.maxListKeys}`);
  }
  const prefix = query.get("prefix") ?? "";
  if (prefix !== "" && Buffer.byteLength(prefix) > KV_LIMITS.maxKeyBytes) {
    throw new ApiError("LIST_INVALID", `prefix must have at most ${KV_LIMITS.maxKeyBytes} UTF-8 bytes`);
  }
  const page = await store.list({ prefix, limit, cursor: query.get("cursor") ?? "" });
  return ok(page.keys, { count: page.keys.length, cursor: page.cursor ?? "" });
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/methods/get/ */
export const getValue: Handler = async (request, emulation) => {
  const { namespace, id, store, key } = await entryOf(request, emulation);
  const former = emulation.stale.former(id, key);
  const [value, expires] = await Promise.all([
    former?.value ?? store.get(key),
    namespace.expires ? expirationOf(store, key) : undefined,
  ]);
  if (value === undefined || (former !== undefined && former.value === undefined)) throw new ApiError("KEY_NOT_FOUND");
  emulation.tally.bytes = value.body.byteLength;
  return raw(value.body, {
    "content-type": "application/octet-stream",
    ...(expires === undefined ? {} : { expiration: String(expires) }),
  });
};

/**
 * @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/metadata/methods/get/
 */
export const getMetadata: Handler = async (request, emulation) => {
  const { id, store, key } = await entryOf(request, emulation);
  const former = emulation.stale.former(id, key);
  const found = former === undefined ? await store.metadata(key) : former.value;
  if (found === undefined) throw new ApiError("KEY_NOT_FOUND");
  return ok(found.metadata);
};

/**
 * @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/methods/update/
 */
export const putValue: Handler = async (request, emulation) => {
  const { namespace, id, store, key } = await entryOf(request, emulation);
  const { value, metadata } = sentEntry(request);
  checkValueSize(value.byteLength);
  const when = expiry(request.query.get("expiration"), request.query.get("expiration_ttl"), emulation.now());
  if (Object.keys(when).length > 0) await markExpiring(namespace, emulation);
  await emulation.stale.remember(id, store, [key]);
  emulation.tally.bytes = value.byteLength;
  await store.put(key, value, { ...when, ...(metadata === undefined ? {} : { metadata }) });
  return ok({});
};

/**
 * @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/methods/delete/
 */
export const deleteValue: Handler = async (request, emulation) => {
  const { id, store, key } = await entryOf(request, emulation);
  await emulation.stale.remember(id, store, [key]);
  await store.delete(key);
  return ok({});
};

/** The data of the namespace in a path. */
export async function opened(request: ApiRequest, emulation: Emulation): Promise<Opened> {
  const namespace = namespaceOf(request, emulation);
  return { namespace, id: namespace.id, store: await emulation.workerd.store(namespace.id) };
}

export interface Opened {
  readonly namespace: NamespaceRecord;
  readonly id: string;
  readonly store: EngineStore;
}

/** Records that entries with an expiration are about to be written. */
export async function markExpiring(namespace: NamespaceRecord, { save }: Emulation): Promise<void> {
  if (namespace.expires) return;
  namespace.expires = true;
  await save();
}

async function entryOf(request: ApiRequest, emulation: Emulation): Promise<Opened & { readonly key: string }> {
  const key = param(request, "key");
  const place = await opened(request, emulation);
  checkKey(key);
  return { ...place, key };
}

/** The body is the value, or a form with the parts `value` and `metadata`. */
function sentEntry(request: ApiRequest): { readonly value: Uint8Array; readonly metadata?: unknown } {
  const parts = parseMultipart(request.headers["content-type"], request.body);
  if (parts === undefined) return { value: request.body };
  const value = parts.find(({ name }) => name === "value");
  if (value === undefined) throw new ApiError("BODY_INVALID", "the form must have a part named 'value'");
  const metadata = parts.find(({ name }) => name === "metadata");
  if (metadata === undefined || metadata.body.byteLength === 0) return { value: value.body };
  return { value: value.body, metadata: parsedMetadata(metadata.body) };
}

function parsedMetadata(body: Uint8Array): unknown {
  const metadata = jsonText(body, "METADATA_INVALID", "metadata must be valid JSON");
  checkMetadata(metadata);
  return metadata ?? undefined;
}

/**
 * Bindings do not return an entry's expiration; a list does, so it is asked only if something may expire. A local cursor
 * is the key before, in base64: the list from there is short, where one with the key as prefix scans all keys.
 */
export async function expirationOf(store: EngineStore, key: string): Promise<number | undefined> {
  const cursor = Buffer.from(justBefore(key)).toString("base64");
  const after = await store.list({ cursor, limit: 1 });
  const { keys } = after.keys[0]?.name === key ? after : await store.list({ prefix: key, limit: 1 });
  return keys.find(({ name }) => name === key)?.expiration;
}

/** A string that sorts before a key, with next to nothing between them. */
function justBefore(key: string): string {
  const characters = Array.from(key);
  const last = characters.pop()?.codePointAt(0) ?? 0;
  if (last === 0) return characters.join("");
  // No character is a surrogate.
  const previous = last === 0xe000 ? 0xd7ff : last - 1;
  return `${characters.join("")}${String.fromCodePoint(previous)}\u{10FFFF}`;
}
