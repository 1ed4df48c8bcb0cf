import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { CodedError } from "../../errors.js";
import type { EngineStore } from "../engine/store.js";
import type { StoreEntry } from "../engine/store-entry.js";
import type { ImportAnswer, ProblemAnswer } from "./explorer/answers.js";
import { putAll, type ReadSeeds } from "./seeds.js";

/** All entries as one file, in wrangler's bulk format. */
export function exportEntries(store: EngineStore, namespace: string): Response {
  const file = `${namespace}.json`;
  return new Response(ReadableStream.from(fileOf(store)).pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="${file.replace(/[^\w.-]/g, "_")}"; filename*=UTF-8''${encodeURIComponent(file)}`,
    },
  });
}

/**
 * Writes the entries of a file, in any format of seed files; those that have expired are left out. Nothing is written
 * unless all are valid.
 *
 * @throws EntriesError `ENTRIES_INVALID` with every problem
 */
export async function importEntries(store: EngineStore, { request, url }: Call, read: ReadSeeds): Promise<Response> {
  const folder = await mkdtemp(join(tmpdir(), "cfkv-import-"));
  try {
    const file = join(folder, basename(url.searchParams.get("name") ?? "entries.json"));
    await writeFile(file, new Uint8Array(await request.arrayBuffer()));
    const existing = await keysOf(store);
    let [entries, replaced] = [0, 0];
    for await (const { key } of read([file], { skipExpired: true })) {
      entries += 1;
      if (existing.has(key)) replaced += 1;
    }
    if (!url.searchParams.has("check")) await putAll(store, read([file], { skipExpired: true }));
    return Response.json({ entries, replaced } satisfies ImportAnswer);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    // Users know the file by its name, not by its temporary path.
    return Response.json({ problem: error.message.replaceAll(folder + sep, "") } satisfies ProblemAnswer, {
      status: 400,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Call {
  readonly request: Request;
  readonly url: URL;
}

async function* fileOf(store: EngineStore): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const entry of entriesOf(store)) {
    yield separator + JSON.stringify(entry);
    separator = ",\n";
  }
  yield separator === ",\n" ? "\n]\n" : "[]\n";
}

async function* entriesOf(store: EngineStore): AsyncGenerator<StoreEntry> {
  for await (const { name: key, expiration, metadata } of listed(store)) {
    const entry = await store.get(key);
    // It expired or was deleted after the listing.
    if (entry === undefined) continue;
    const bytes = Buffer.from(entry.body);
    const text = bytes.toString();
    const isText = Buffer.from(text).equals(bytes);
    yield {
      key,
      value: isText ? text : bytes.toString("base64"),
      ...(isText ? {} : { base64: true }),
      ...(expiration === undefined ? {} : { expiration }),
      ...(metadata === undefined ? {} : { metadata }),
    };
  }
}

async function keysOf(store: EngineStore): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { name } of listed(store)) keys.add(name);
  return keys;
}

async function* listed(store: EngineStore): AsyncGenerator<{ name: string; expiration?: number; metadata?: unknown }> {
  let cursor: string | undefined;
  do {
    const page = await store.list(cursor === undefined ? {} : { cursor });
    yield* page.keys;
    cursor = page.cursor;
  } while (cursor !== undefined && cursor !== "");
}
