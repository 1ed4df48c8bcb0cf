import * as KV_LIMITS from "../../kv/limits.js";
import { metadataProblem, utf8Length } from "../../kv/rules.js";
import { isolate } from "../isolate-state.js";
import { MemoryEntries, type StoredEntry } from "./entries.js";
import {
  expirationAt,
  int32,
  refusal,
  requireBulk,
  requireCacheTtl,
  requireName,
  requireShort,
  requireWellFormed,
} from "./rules.js";
import {
  asJson,
  asSent,
  convert,
  fromCursor,
  isAfter,
  normal,
  parse,
  type ReadOptions,
  type ReadType,
  toBulkMap,
  toBytes,
  toCursor,
} from "./values.js";

/** What a {@link MemoryKV} does beyond keeping keys. */
export interface MemoryKVOptions {
  /** The time in milliseconds since 1970. @default Date.now */
  clock?: () => number;
  /** Refuses what Workers KV refuses, with the same messages. @default true */
  limits?: boolean;
  /** Refuses a second write to a key within a second with 429. @default false */
  writeLimit?: boolean;
  /** Lets each location see what it last read, misses included, for the read's `cacheTtl`. @default false */
  eventual?: boolean;
  /** Runs before each operation; delay or count there. */
  before?: (operation: MemoryOperation) => Promise<void> | void;
}

/** One operation as it reaches the namespace. */
export interface MemoryOperation {
  op: "get" | "put" | "delete" | "list";
  keys: readonly string[];
  location: string;
}

/** Operations as Cloudflare bills them, and requests as it limits them. */
export interface MemoryCounts {
  reads: number;
  writes: number;
  deletes: number;
  lists: number;
  subrequests: number;
}

interface World {
  entries: MemoryEntries;
  options: MemoryKVOptions;
  counts: MemoryCounts;
  faults: Map<MemoryOperation["op"], { fault: number | Error; times: number }>;
  writtenAt: Map<string, number>;
}

const COUNTED = { get: "reads", put: "writes", delete: "deletes", list: "lists" } as const;

/**
 * A KV namespace in memory, for tests: it accepts and refuses what Workers KV does, on a clock you control, and can
 * fail, be slow, and be as eventually consistent as the real one.
 *
 * @example
 * const kv = new MemoryKV({ clock: () => now });
 * kv.fail("get", 503);
 */
export class MemoryKV {
  private readonly world: World;
  private readonly location: string;

  constructor(options: MemoryKVOptions = {}) {
    const { clock = Date.now, eventual = false } = options;
    isolate(this);
    this.location = "here";
    this.world = {
      entries: new MemoryEntries(clock, eventual),
      options,
      counts: { reads: 0, writes: 0, deletes: 0, lists: 0, subrequests: 0 },
      faults: new Map(),
      writtenAt: new Map(),
    };
  }

  /** The same namespace as another location sees it. */
  at(location: string): MemoryKV {
    const view = Object.create(MemoryKV.prototype) as { world: World; location: string };
    view.world = this.world;
    view.location = location;
    isolate(view);
    return view as unknown as MemoryKV;
  }

  /** Operations so far, over all locations. */
  get counts(): Readonly<MemoryCounts> {
    return { ...this.world.counts };
  }

  resetCounts(): void {
    Object.assign(this.world.counts, { reads: 0, writes: 0, deletes: 0, lists: 0, subrequests: 0 });
  }

  /** Makes an operation fail from now on, with a status of KV's or an error of yours. */
  fail(op: MemoryOperation["op"], fault: number | Error, times = Infinity): void {
    this.world.faults.set(op, { fault, times });
  }

  /** Removes all failures. */
  heal(): void {
    this.world.faults.clear();
  }

  get(key: string, options?: "text" | { type?: "text"; cacheTtl?: number }): Promise<string | null>;
  get(key: string, options: "json" | { type: "json"; cacheTtl?: number }): Promise<unknown>;
  get(key: string, options: "arrayBuffer" | { type: "arrayBuffer"; cacheTtl?: number }): Promise<ArrayBuffer | null>;
  get(key: string, options: "stream" | { type: "stream"; cacheTtl?: number }): Promise<ReadableStream | null>;
  get(keys: string[], options?: "text" | { type?: "text"; cacheTtl?: number }): Promise<Map<string, string | null>>;
  get(keys: string[], options: "json" | { type: "json"; cacheTtl?: number }): Promise<Map<string, unknown>>;
  async get(key: string | string[], options: ReadOptions = "text"): Promise<unknown> {
    const { type, cacheTtl } = normal(options);
    if (Array.isArray(key)) {
      const found = await this.bulk(key, type, cacheTtl);
      return toBulkMap(found, (entry) => parse(entry, type));
    }
    const { entry } = await this.read(key, cacheTtl);
    return entry === undefined ? null : convert(entry, type);
  }

  getWithMetadata(
    key: string,
    options?: "text" | { type?: "text"; cacheTtl?: number },
  ): Promise<{ value: string | null; metadata: unknown; cacheStatus: string | null }>;
  getWithMetadata(
    key: string,
    options: "json" | { type: "json"; cacheTtl?: number },
  ): Promise<{ value: unknown; metadata: unknown; cacheStatus: string | null }>;
  getWithMetadata(
    keys: string[],
    options?: "text" | { type?: "text"; cacheTtl?: number },
  ): Promise<Map<string, { value: string; metadata: unknown; cacheStatus: string | null } | null>>;
  async getWithMetadata(key: string | string[], options: ReadOptions = "text"): Promise<unknown> {
    const { type, cacheTtl } = normal(options);
    if (Array.isArray(key)) {
      const found = await this.bulk(key, type, cacheTtl);
      return toBulkMap(found, (entry) => {
        const value = parse(entry, type);
        // Miniflare answers a falsy value without its metadata.
        return value ? { value, metadata: entry.metadata ?? null } : value;
      });
    }
    const { entry, hot } = await this.read(key, cacheTtl);
    // Miniflare's has none: there is no cache before it.
    const cacheStatus = this.world.options.eventual === true ? (hot ? "HIT" : "MISS") : null;
    if (entry === undefined) return { value: null, metadata: null, cacheStatus };
    return { value: convert(entry, type), metadata: entry.metadata ?? null, cacheStatus };
  }

  async put(
    key: string,
    value: string | ArrayBuffer | ArrayBufferView | ReadableStream,
    options: { expiration?: number; expirationTtl?: number; metadata?: unknown } = {},
  ): Promise<void> {
    requireName(key);
    const bytes = await toBytes(value);
    await this.begin("put", [key]);
    requireWellFormed("PUT", key);
    if (this.limits) requireShort("PUT", key);
    const expiration = expirationAt(options, Math.floor(this.now() / 1000));
    const metadata = asJson(options.metadata);
    if (this.limits) {
      const { maxMetadataBytes: max, maxValueBytes } = KV_LIMITS;
      if (options.metadata !== undefined && metadataProblem(options.metadata) !== undefined) {
        const length = utf8Length(JSON.stringify(options.metadata));
        throw refusal("PUT", 413, `Metadata length of ${length} exceeds limit of ${max}.`);
      }
      if (bytes.byteLength > maxValueBytes) {
        throw refusal("PUT", 413, `Value length of ${bytes.byteLength} exceeds limit of ${maxValueBytes}.`);
      }
    }
    this.limitWrites(key);
    this.world.entries.write(this.location, asSent(key), { bytes, metadata, expiration });
  }

  async delete(key: string): Promise<void> {
    requireName(key);
    await this.begin("delete", [key]);
    requireWellFormed("DELETE", key);
    if (this.limits) requireShort("DELETE", key);
    this.world.entries.write(this.location, asSent(key), undefined);
  }

  async list(options: { prefix?: string; limit?: number; cursor?: string } = {}): Promise<{
    keys: { name: string; expiration?: number; metadata?: unknown }[];
    list_complete: boolean;
    cursor?: string;
    cacheStatus: string | null;
  }> {
    const { prefix = "", limit = KV_LIMITS.maxListKeys, cursor } = options;
    await this.begin("list", []);
    if (this.limits) requireShort("GET", prefix);
    const asked = int32(limit);
    const size = asked > 0 ? asked : KV_LIMITS.maxListKeys;
    if (size > KV_LIMITS.maxListKeys) {
      const rule = `Please specify an integer less than ${KV_LIMITS.maxListKeys}.`;
      throw refusal("GET", 400, `Invalid key_count_limit of ${size}. ${rule}`);
    }
    const after = cursor === undefined ? "" : fromCursor(cursor);
    const all = this.world.entries.sorted(prefix);
    const start = after === "" ? 0 : all.findIndex(([key]) => isAfter(key, after));
    const rest = start === -1 ? [] : all.slice(start);
    const page = rest.slice(0, size);
    const keys = page.map(([name, { expiration, metadata }]) => ({
      name,
      ...(expiration === undefined ? {} : { expiration }),
      ...(metadata == null ? {} : { metadata }),
    }));
    const last = page.at(-1);
    if (rest.length <= size || last === undefined) return { keys, list_complete: true, cacheStatus: null };
    return { keys, list_complete: false, cursor: toCursor(last[0]), cacheStatus: null };
  }

  private get limits(): boolean {
    return this.world.options.limits ?? true;
  }

  private now(): number {
    return (this.world.options.clock ?? Date.now)();
  }

  private async read(
    key: string,
    cacheTtl: number | undefined,
  ): Promise<{ entry: StoredEntry | undefined; hot: boolean }> {
    requireName(key);
    await this.begin("get", [key]);
    requireWellFormed("GET", key);
    if (this.limits) requireShort("GET", key);
    if (this.limits) requireCacheTtl("GET", cacheTtl);
    return this.world.entries.read(this.location, asSent(key), cacheTtl ?? 60);
  }

  private async bulk(
    keys: readonly string[],
    type: ReadType,
    cacheTtl: number | undefined,
  ): Promise<[string, StoredEntry | undefined][]> {
    await this.begin("get", keys);
    if (this.limits) requireBulk(keys, type, cacheTtl);
    let size = 0;
    const found = keys.map((key): [string, StoredEntry | undefined] => {
      const sent = asSent(key);
      const { entry } = this.world.entries.read(this.location, sent, cacheTtl ?? 60);
      size += entry?.bytes.byteLength ?? 0;
      return [sent, entry];
    });
    if (this.limits && size > KV_LIMITS.maxBulkGetBytes) {
      throw refusal("GET_BULK", 413, "Total size of request exceeds the limit of 25MB");
    }
    return found;
  }

  private async begin(op: MemoryOperation["op"], keys: readonly string[]): Promise<void> {
    const { counts, faults, options } = this.world;
    counts[COUNTED[op]] += op === "get" ? keys.length : 1;
    counts.subrequests++;
    await options.before?.({ op, keys, location: this.location });
    const fault = faults.get(op);
    if (fault === undefined) return;
    if (--fault.times <= 0) faults.delete(op);
    if (typeof fault.fault !== "number") throw fault.fault;
    throw refusal(op.toUpperCase(), fault.fault, fault.fault === 429 ? "Too Many Requests" : "Internal Server Error");
  }

  private limitWrites(key: string): void {
    if (this.world.options.writeLimit !== true) return;
    const now = this.now();
    if (now - (this.world.writtenAt.get(key) ?? -Infinity) < 1000) throw refusal("PUT", 429, "Too Many Requests");
    this.world.writtenAt.set(key, now);
  }
}
