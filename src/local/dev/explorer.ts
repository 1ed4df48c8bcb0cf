import * as KV_LIMITS from "../../kv/limits.js";
import { keyProblem, metadataProblem, ttlSecondsProblem, valueSizeProblem, type Problem } from "../../kv/rules.js";
import type { EngineStore, StorePutOptions } from "../engine/store.js";

/** Bytes of a value that a page can show. */
const MAX_SHOWN = 1024 * 1024;

interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly key: string;
}

/** One page of keys: `?prefix=`, `?cursor=`, `?limit=`. */
export async function listKeys(store: EngineStore, { url }: Call): Promise<Response> {
  const { searchParams } = url;
  const limit = Number(searchParams.get("limit") ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > KV_LIMITS.maxListKeys) {
    return refuse(`limit must be 1 to ${KV_LIMITS.maxListKeys}, got ${searchParams.get("limit") ?? ""}`);
  }
  const cursor = searchParams.get("cursor");
  const prefix = searchParams.get("prefix") ?? "";
  const page = await store.list({ prefix, limit, ...(cursor === null ? {} : { cursor }) });
  return Response.json({ keys: page.keys, cursor: page.cursor });
}

/** An entry: `text` when it is UTF-8 and not too large to show, else its size alone. */
export async function getEntry(store: EngineStore, { key }: Call): Promise<Response> {
  const entry = await store.get(key);
  if (entry === undefined) return Response.json({ problem: "there is no such key" }, { status: 404 });
  const { body, metadata } = entry;
  const text = body.byteLength <= MAX_SHOWN ? utf8(body) : undefined;
  return Response.json({ key, bytes: body.byteLength, text, metadata });
}

/** Writes `{ "text", "expiration"?, "expirationTtl"?, "metadata"? }`. */
export async function putEntry(store: EngineStore, { key, request }: Call): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || !("text" in body) || typeof body.text !== "string") {
    return refuse("the body must be JSON with a 'text'");
  }
  const { text, expiration, expirationTtl, metadata } = body as Record<string, unknown> & { text: string };
  const wrong =
    keyProblem(key) ??
    valueSizeProblem(Buffer.byteLength(text)) ??
    (metadata == null ? undefined : metadataProblem(metadata)) ??
    expiryProblem(expiration, expirationTtl);
  if (wrong !== undefined) return refuse(wrong);
  const options: StorePutOptions = {
    ...(typeof expiration === "number" ? { expiration } : {}),
    ...(typeof expirationTtl === "number" ? { expirationTtl } : {}),
    ...(metadata == null ? {} : { metadata }),
  };
  await store.put(key, text, options);
  return Response.json({ key });
}

/** Deletes a key; one that is not there is no error, as in KV. */
export async function deleteEntry(store: EngineStore, { key }: Call): Promise<Response> {
  await store.delete(key);
  return Response.json({ key });
}

function expiryProblem(expiration: unknown, expirationTtl: unknown): Problem {
  if (expiration != null && typeof expiration !== "number") return "expiration must be seconds since 1970";
  if (expirationTtl == null) return undefined;
  return typeof expirationTtl === "number" && expirationTtl > 0
    ? ttlSecondsProblem(expirationTtl)
    : "expirationTtl must be a number of seconds";
}

function refuse(message: string): Response {
  return Response.json({ problem: message }, { status: 400 });
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
