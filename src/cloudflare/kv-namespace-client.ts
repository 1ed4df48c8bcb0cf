import * as KV_LIMITS from "../kv/limits.js";
import { isObject } from "../values/json.js";
import { nothingMore, listOf, type ReadResult } from "./answers.js";
import { CloudflareError } from "./errors.js";
import type { Http } from "./http.js";

/** A key in a listing. */
export interface ListedKey {
  readonly name: string;
  /** Seconds since 1970. */
  readonly expiration?: number;
  readonly metadata?: unknown;
}

/** One page of keys, in the order of their UTF-8 bytes. */
export interface KeyPage {
  readonly keys: readonly ListedKey[];
  /** The cursor of the next page; missing on the last. */
  readonly cursor?: string;
}

/** A value read in bulk, as text. */
export interface BulkValue {
  readonly value: string;
  readonly metadata?: unknown;
  /** Seconds since 1970. */
  readonly expiration?: number;
}

/** The result of a bulk write or delete. */
export interface BulkResult {
  /** Keys that were not stored by all of Cloudflare's backends and have to be sent again. */
  readonly unsuccessfulKeys: readonly string[];
}

/** A pair's expiration and metadata. */
export interface PutOptions {
  readonly expiration?: number;
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}

/** Keys that are safe in a path. Others are known to get lost on Cloudflare's single-key routes (workers-sdk#7997). */
const PLAIN_KEY = /^[\w\-~$&+=:@][\w\-.~$&+=:@/ %]*$/;

/** The entries of one namespace over the REST API. */
export class KvNamespaceClient {
  private readonly path: string;

  constructor(
    private readonly http: Http,
    namespacesPath: string,
    readonly namespaceId: string,
  ) {
    this.path = `${namespacesPath}/${encodeURIComponent(namespaceId)}`;
  }

  /** At most 1000 keys, after a cursor, with a prefix. */
  async listKeys(options: { readonly prefix?: string; readonly cursor?: string } = {}): Promise<KeyPage> {
    const { result, info } = await this.http.call(
      {
        method: "GET",
        path: `${this.path}/keys`,
        doing: "list keys",
        query: { limit: KV_LIMITS.maxListKeys, prefix: options.prefix || undefined, cursor: options.cursor },
      },
      listOf(listedKey),
    );
    return { keys: result, ...(info.cursor === undefined ? {} : { cursor: info.cursor }) };
  }

  /** The bytes of a value, or nothing when there is no such key. */
  async getValue(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.http.bytes({ method: "GET", path: this.valuePath(key), doing: "read a value" });
    } catch (error) {
      if (!isMissingKey(error)) throw error;
    }
    if (PLAIN_KEY.test(key)) return undefined;
    const found = (await this.bulkGet([key])).get(key);
    return found === undefined ? undefined : new TextEncoder().encode(found.value);
  }

  /** The metadata of a key: undefined when it has none or does not exist. */
  async getMetadata(key: string): Promise<unknown> {
    try {
      const request = {
        method: "GET",
        path: `${this.path}/metadata/${encodeURIComponent(key)}`,
        doing: "read metadata",
      } as const;
      const { result } = await this.http.call(request, (metadata) => ({ metadata }));
      return result.metadata ?? undefined;
    } catch (error) {
      if (isMissingKey(error)) return undefined;
      throw error;
    }
  }

  /** Writes one pair. */
  async putValue(
    key: string,
    value: Uint8Array,
    { expiration, expirationTtl, metadata }: PutOptions = {},
  ): Promise<void> {
    if (!PLAIN_KEY.test(key)) {
      const pair = { key, value: toBase64(value), base64: true, expiration, expiration_ttl: expirationTtl, metadata };
      const { unsuccessfulKeys } = await this.bulkPut(new Blob([JSON.stringify([pair])]), 1);
      if (unsuccessfulKeys.length > 0) {
        throw new CloudflareError("CLOUDFLARE_UNAVAILABLE", "cloudflare did not store the value", "try again");
      }
      return;
    }
    const bytes = new Blob([value], { type: "application/octet-stream" });
    await this.http.call(
      {
        method: "PUT",
        path: this.valuePath(key),
        doing: "write a value",
        query: { expiration, expiration_ttl: expirationTtl },
        body: metadata === undefined ? bytes : formOf(bytes, metadata),
        quiet: true,
      },
      nothingMore,
    );
  }

  /**
   * Writes up to 10,000 pairs.
   *
   * @param pairs - a JSON array in the API's form, at most 100 MB, in pieces that may end anywhere
   * @param count - the number of pairs, which the answer must account for
   * @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_update/
   */
  async bulkPut(pairs: Blob | readonly Uint8Array[], count: number): Promise<BulkResult> {
    const { result } = await this.http.call(
      { method: "PUT", path: `${this.path}/bulk`, doing: "write pairs", body: pairs, quiet: true },
      bulkResult(count),
    );
    return result;
  }

  /** Deletes up to 10,000 keys; a missing key counts as deleted. */
  async bulkDelete(keys: readonly string[]): Promise<BulkResult> {
    const { result } = await this.http.call(
      { method: "POST", path: `${this.path}/bulk/delete`, doing: "delete keys", json: keys, idempotent: true },
      bulkResult(keys.length, new Set(keys)),
    );
    return result;
  }

  /** Reads up to 100 values as text, with metadata and expiration. A key that does not exist is not in the map. */
  async bulkGet(keys: readonly string[]): Promise<Map<string, BulkValue>> {
    const { result } = await this.http.call(
      {
        method: "POST",
        path: `${this.path}/bulk/get`,
        doing: "read values",
        json: { keys, type: "text", withMetadata: true },
        idempotent: true,
      },
      bulkValues(keys),
    );
    const { found, unmentioned } = result;
    // It is not documented that a key missing from the answer does not exist, so each is looked up.
    for (const key of unmentioned) {
      const { keys: listed } = await this.listKeys({ prefix: key });
      if (listed.some(({ name }) => name === key)) throw this.http.unreadable("read values", "some of the values only");
    }
    return found;
  }

  private valuePath(key: string): string {
    return `${this.path}/values/${encodeURIComponent(key)}`;
  }
}

function isMissingKey(error: unknown): boolean {
  return (
    error instanceof CloudflareError &&
    (error.code === "KEY_NOT_FOUND" || (error.code === "CLOUDFLARE_REFUSED" && error.status === 404))
  );
}

function listedKey(key: unknown): ListedKey | undefined {
  if (!isObject(key) || typeof key["name"] !== "string" || !isTime(key["expiration"])) return undefined;
  const { name, expiration, metadata } = key;
  return { name, ...(typeof expiration === "number" && { expiration }), ...(metadata != null && { metadata }) };
}

/** Reads the result for a number of pairs: those stored and those not stored must add up to it. */
function bulkResult(count: number, keys?: ReadonlySet<string>): ReadResult<BulkResult> {
  const readKeys = listOf((key) => (typeof key === "string" && (keys?.has(key) ?? true) ? key : undefined));
  return (result) => {
    if (!isObject(result)) return undefined;
    const { successful_key_count: successful, unsuccessful_keys: unsuccessful } = result;
    const unsuccessfulKeys = readKeys(unsuccessful ?? []);
    if (unsuccessfulKeys === undefined || new Set(unsuccessfulKeys).size < unsuccessfulKeys.length) return undefined;
    return successful === count - unsuccessfulKeys.length ? { unsuccessfulKeys } : undefined;
  };
}

/** Reads the values of keys that were asked for: `null`, by itself or as a value, for a key that does not exist. */
function bulkValues(
  keys: readonly string[],
): ReadResult<{ readonly found: Map<string, BulkValue>; readonly unmentioned: readonly string[] }> {
  return (result) => {
    const values = isObject(result) ? result["values"] : undefined;
    if (!isObject(values)) return undefined;
    const found = new Map<string, BulkValue>();
    const unmentioned: string[] = [];
    for (const key of keys) {
      const each = Object.hasOwn(values, key) ? values[key] : undefined;
      if (each === undefined) unmentioned.push(key);
      if (each == null || (isObject(each) && each["value"] === null)) continue;
      if (!isObject(each) || typeof each["value"] !== "string" || !isTime(each["expiration"])) return undefined;
      const { value, metadata, expiration } = each;
      found.set(key, { value, metadata, ...(typeof expiration === "number" && { expiration }) });
    }
    const strangers = Object.keys(values).length > new Set(keys).size - unmentioned.length;
    return strangers ? undefined : { found, unmentioned };
  };
}

function isTime(expiration: unknown): boolean {
  return expiration == null || (typeof expiration === "number" && Number.isInteger(expiration) && expiration > 0);
}

function formOf(value: Blob, metadata: unknown): FormData {
  const form = new FormData();
  form.set("value", value);
  form.set("metadata", JSON.stringify(metadata));
  return form;
}

/** Without Node's Buffer: this part of the package knows web globals only. */
function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
