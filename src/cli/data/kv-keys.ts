import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Entry, entryBytes, parseEntry, quoted } from "../../data/entry.js";
import { mapOrdered } from "../../data/map-ordered.js";
import { deleteKeys } from "../../data/prune.js";
import { readStored, withExpiration } from "../../data/stored.js";
import { CONCURRENT_REQUESTS, type EntriesTarget, systemClock } from "../../data/target.js";
import { writing } from "../../data/writing.js";
import { InputError } from "../../errors.js";
import { keyProblem, valueSizeProblem } from "../../kv/rules.js";
import { count } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { KvDeleteOptions, KvGetOptions, KvPutOptions } from "../commands/kv-keys.js";
import { confirm } from "../terminal/confirm.js";
import { withNamespaces } from "../data/namespaces.js";
import { UsageError } from "../errors.js";

/** `cfkv kv get`. */
export async function getKey(
  namespace: string,
  key: string,
  options: KvGetOptions,
  context: CommandContext,
): Promise<void> {
  checkKeys([key]);
  await withNamespaces(context, async (namespaces) => {
    const { target, label } = await namespaces.find(namespace, options);
    const entry = (await readStored(target, [key])).get(key);
    if (entry === undefined) {
      throw new InputError("KEY_NOT_FOUND", `no key ${quoted(key)} in ${label}`, "cfkv kv list shows the keys");
    }
    const { path } = options;
    if (path !== undefined) await writing(path, () => writeFile(resolve(context.cwd, path), entryBytes(entry)));
    if (options.json === true) context.results.json(await withExpiration(target, entry));
    else if (options.path === undefined) printValue(entry, context);
  });
}

/** Unchanged, with a line break only for a person at a terminal. */
function printValue({ value, base64 }: Entry, { results }: CommandContext): void {
  if (base64 === true) {
    throw new InputError(
      "VALUE_NOT_TEXT",
      "the value is not text",
      "write it to a file with --path, or show it with --json",
    );
  }
  if (results.isTerminal) results.line(value);
  else results.write(value);
}

/** `cfkv kv put`. */
export async function putKey(
  namespace: string,
  key: string,
  value: string | undefined,
  options: KvPutOptions,
  context: CommandContext,
): Promise<void> {
  if (value !== undefined && options.path !== undefined) {
    throw new UsageError("the value is set twice: as an argument and with --path", "remove one of them");
  }
  const bytes = value === undefined ? await bytesOf(options.path, context) : Buffer.from(value);
  const content = isUtf8(bytes) ? { value: bytes.toString("utf8") } : { value: bytes.toString("base64"), base64: true };
  const given = {
    key,
    ...content,
    expiration: numberOf("--expiration", options.expiration),
    expiration_ttl: numberOf("--ttl", options.ttl),
    metadata: metadataOf(options.metadata),
  };
  const entry = parseEntry(given, systemClock.now());
  if ("length" in entry) throw new InputError("ENTRY_INVALID", entry.join("; "));

  await withNamespaces(context, async (namespaces) => {
    const place = await namespaces.find(namespace, options);
    const named = entry.expiration !== undefined || entry.expirationTtl !== undefined;
    const ttlSeconds = named ? 0 : (place.namespace?.ttlSeconds ?? 0);
    context.notes.line(`target: ${place.label}`);
    if (place.protected) await confirm(context, `write key ${quoted(key)} in a protected environment`, options.yes);
    await place.target.putValue(key, bytes, { ...entry, ...(ttlSeconds > 0 ? { expirationTtl: ttlSeconds } : {}) });
    const lifetime = ttlSeconds > 0 ? `, expires in ${ttlSeconds} seconds` : "";
    context.notes.line(`key ${quoted(key)} written: ${count(bytes.length, "byte")}${lifetime}`);
    if (options.json === true) context.results.json({ target: place.label, key, bytes: bytes.length });
  });
}

/** `cfkv kv delete`. */
export async function deleteKeysNamed(
  namespace: string,
  keys: readonly string[],
  options: KvDeleteOptions,
  context: CommandContext,
): Promise<void> {
  checkKeys(keys);
  await withNamespaces(context, async (namespaces) => {
    const place = await namespaces.find(namespace, options);
    context.notes.line(`target: ${place.label}`);
    if (place.protected)
      await confirm(context, `delete ${count(keys.length, "key")} in a protected environment`, options.yes);
    const distinct = [...new Set(keys)];
    const absent = await absentKeys(place.target, distinct);
    // A key that is not listed may have just been written: it is deleted like the others.
    const missing = await deleteKeys(place.target, onePage(distinct), systemClock, () => undefined);
    const deleted = distinct.filter((key) => !absent.includes(key) && !missing.includes(key)).length;
    context.notes.line(`${deleted} of ${count(keys.length, "key")} deleted`);
    for (const key of absent) context.notes.line(`  no such key: ${quoted(key)}`);
    for (const key of missing) context.notes.line(`  not deleted: ${quoted(key)}`);
    if (options.json === true) context.results.json({ target: place.label, deleted, absent, missing });
    if (missing.length > 0) context.finishWith(4);
  });
}

/** Keys that do not exist: Cloudflare calls it a success to delete one. */
async function absentKeys(target: EntriesTarget, keys: readonly string[]): Promise<readonly string[]> {
  const absent: string[] = [];
  // The key itself sorts before all others that begin with it.
  const look = async (key: string) => ({ key, page: await target.listKeys({ prefix: key }) });
  for await (const { key, page } of mapOrdered(keys, CONCURRENT_REQUESTS, look)) {
    if (!page.keys.some(({ name }) => name === key)) absent.push(key);
  }
  return absent;
}

function onePage(keys: readonly string[]): AsyncIterable<readonly string[]> {
  return (async function* () {
    yield await Promise.resolve(keys);
  })();
}

function checkKeys(keys: readonly string[]): void {
  const problems = keys.map(keyProblem).filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new InputError("ENTRY_INVALID", problems.join("; "));
}

async function bytesOf(path: string | undefined, { cwd, input }: CommandContext): Promise<Buffer> {
  if (path !== undefined) {
    try {
      return await bytesIn(createReadStream(resolve(cwd, path)));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new InputError("SEED_FILE_UNREADABLE", `'${path}' cannot be read`, undefined, { cause });
    }
  }
  const stdin = input();
  if (stdin.isTTY === true) throw new UsageError("no value", "give it as an argument, with --path, or pipe it in");
  return bytesIn(stdin as AsyncIterable<Buffer>);
}

/** All bytes of a stream, up to the size of a value: a device may be endless. */
async function bytesIn(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    const problem = valueSizeProblem(length);
    if (problem !== undefined) throw new InputError("ENTRY_INVALID", `${problem} or more`);
  }
  return Buffer.concat(chunks);
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`${option} must be a whole number of seconds, got '${text}'`, "see: cfkv kv put --help");
}

function metadataOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError("--metadata must be JSON", `for example --metadata '{"owner":"web"}'`);
  }
}
