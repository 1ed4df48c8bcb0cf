import { createHash } from "node:crypto";
import * as KV_LIMITS from "../../kv/limits.js";
import { keyProblem, metadataProblem, ttlSecondsProblem, valueSizeProblem, type Problem } from "../../kv/rules.js";
import { isObject } from "../../values/json.js";
import type { EngineStore, StorePutOptions } from "../engine/store.js";
import type { EntryAnswer, EntryWrite, KeysAnswer, ProblemAnswer, SearchAnswer } from "./explorer/answers.js";

/** The most bytes of a value that the page shows. */
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
  return Response.json({ keys: page.keys, ...(page.cursor ? { cursor: page.cursor } : {}) } satisfies KeysAnswer);
}

/** An entry: `text` when it is UTF-8 and not too large to show, otherwise only its size. */
export async function getEntry(store: EngineStore, { key }: Call): Promise<Response> {
  const entry = await entryOf(store, key);
  return entry === undefined ? refuse("there is no such key", 404) : Response.json(entry);
}

/** Writes an {@link EntryWrite}. */
export async function putEntry(store: EngineStore, { key, request }: Call): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  if (!isEntryWrite(body)) return refuse("the body must be JSON with a 'text', or with a key to copy 'from'");
  const { text, from, expiration, expirationTtl, metadata, expects } = body;
  const wrong =
    keyProblem(key) ??
    valueSizeProblem(Buffer.byteLength(text ?? "")) ??
    (metadata == null ? undefined : metadataProblem(metadata)) ??
    expiryProblem(expiration, expirationTtl);
  if (wrong !== undefined) return refuse(wrong);
  const conflict = expects === undefined ? undefined : conflictWith(expects, await entryOf(store, key));
  if (conflict !== undefined) return Response.json(conflict, { status: 409 });
  const value = text ?? (await store.get(from ?? key))?.body;
  if (value === undefined) return refuse("there is no such key to copy from", 404);
  const options: StorePutOptions = {
    ...(typeof expiration === "number" ? { expiration } : {}),
    ...(typeof expirationTtl === "number" ? { expirationTtl } : {}),
    ...(metadata == null ? {} : { metadata }),
  };
  await store.put(key, value, options);
  return Response.json({ key });
}

/** Deletes a key; a missing one is not an error, as in KV. */
export async function deleteEntry(store: EngineStore, { key }: Call): Promise<Response> {
  await store.delete(key);
  return Response.json({ key });
}

/** Which of some keys have a value that contains a string, ignoring case. */
export async function searchValues(store: EngineStore, { request }: Call): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  if (!isObject(body) || typeof body["text"] !== "string" || !Array.isArray(body["keys"])) {
    return refuse("the body must be JSON with a 'text' and 'keys'");
  }
  const wanted = body["text"].toLowerCase();
  const found: string[] = [];
  // One value at a time: each may have 25 MiB.
  for (const key of body["keys"].map(String)) {
    const entry = await store.get(key);
    if (entry !== undefined && Buffer.from(entry.body).toString().toLowerCase().includes(wanted)) found.push(key);
  }
  return Response.json({ keys: found } satisfies SearchAnswer);
}

async function entryOf(store: EngineStore, key: string): Promise<EntryAnswer | undefined> {
  const entry = await store.get(key);
  if (entry === undefined) return undefined;
  const { body, metadata } = entry;
  // In key order, a key comes before all others that begin with it.
  const { keys } = await store.list({ prefix: key, limit: 1 });
  const expiration = keys.find(({ name }) => name === key)?.expiration;
  const text = body.byteLength <= MAX_SHOWN ? utf8(body) : undefined;
  const version = createHash("sha256")
    .update(JSON.stringify([expiration, metadata]))
    .update(body)
    .digest("base64url");
  return {
    key,
    bytes: body.byteLength,
    ...(text === undefined ? {} : { text }),
    metadata,
    ...(expiration === undefined ? {} : { expiration }),
    version,
  };
}

function conflictWith(expects: string | null, found: EntryAnswer | undefined): ProblemAnswer | undefined {
  if (found?.version === (expects ?? undefined)) return undefined;
  if (found === undefined) return { problem: "the key has been deleted in the meantime", conflict: "gone" };
  return expects === null
    ? { problem: "the key exists", conflict: "exists" }
    : { problem: "the entry has been changed in the meantime", conflict: "changed" };
}

function isEntryWrite(body: unknown): body is EntryWrite {
  if (!isObject(body)) return false;
  const { text, from, expects } = body;
  const isOne = (typeof text === "string") !== (typeof from === "string");
  return isOne && (expects == null || typeof expects === "string");
}

function expiryProblem(expiration: unknown, expirationTtl: unknown): Problem {
  if (expiration != null && typeof expiration !== "number") return "expiration must be seconds since 1970";
  if (expirationTtl == null) return undefined;
  return typeof expirationTtl === "number" && expirationTtl > 0
    ? ttlSecondsProblem(expirationTtl)
    : "expirationTtl must be a number of seconds";
}

function refuse(problem: string, status = 400): Response {
  return Response.json({ problem } satisfies ProblemAnswer, { status });
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
