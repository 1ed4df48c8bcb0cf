import { Miniflare } from "miniflare";
import type { KvLike } from "../../../src/runtime/index.js";

/** The part of a D1 database that tests use. */
export interface LocalDatabase {
  exec(sql: string): Promise<unknown>;
  prepare(sql: string): { bind(...values: unknown[]): { first<T>(): Promise<T | null>; run(): Promise<unknown> } };
}

/** What Workers are bound to, as Miniflare runs it. */
export interface LocalWorker {
  /** An empty namespace of its own each time. */
  kv(): Promise<KvLike>;
  database(): Promise<LocalDatabase>;
}

/** Starts Miniflare before the file's tests and ends it after them. */
export function localWorker(namespaces = 40): LocalWorker {
  // Each operation is workerd's, on a machine that may be busy.
  jest.setTimeout(30_000);
  let used = 0;
  let miniflare: Miniflare;
  beforeAll(() => {
    const ids = Array.from({ length: namespaces }, (_, index): [string, string] => [
      `KV${index}`,
      `namespace-${index}`,
    ]);
    miniflare = new Miniflare({
      modules: true,
      script: "export default { fetch: () => new Response() }",
      compatibilityDate: "2025-09-01",
      kvNamespaces: Object.fromEntries(ids),
      d1Databases: ["DB"],
    });
  });
  afterAll(() => miniflare.dispose());
  return {
    kv: () => miniflare.getKVNamespace(`KV${used++}`),
    database: () => miniflare.getD1Database("DB"),
  };
}

/** Every name in a namespace. */
export async function names(kv: KvLike): Promise<string[]> {
  return (await kv.list()).keys.map(({ name }) => name);
}

/** A key's value as stored, parsed. */
export async function stored(kv: KvLike, key: string): Promise<unknown> {
  const { value } = await kv.getWithMetadata(key, { type: "text" });
  return value === null ? null : (JSON.parse(value) as unknown);
}

/** Seconds until each key expires, to ten: the clock is the machine's. Keys that do not expire are left out. */
export async function secondsLeft(kv: KvLike): Promise<Record<string, number>> {
  const pairs = (await kv.list()).keys.flatMap(({ name, expiration }): [string, number][] =>
    expiration === undefined ? [] : [[name, Math.round((expiration - Date.now() / 1000) / 10) * 10]],
  );
  return Object.fromEntries(pairs);
}
