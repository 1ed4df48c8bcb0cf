import { type CacheEntry, decodeEntry, encodeEntry, type Stored, type StoredEntry, verify } from "./entry.js";
import { type CacheOptions, resolveOptions, type ResolvedOptions } from "./options.js";
import type { CacheStore } from "./store.js";
import { keepAlive } from "../background.js";
import { KvError, toKvError } from "../errors.js";
import { remember } from "../isolate-state.js";
import { copyOf } from "../merge.js";
import { report } from "../report.js";
import { within } from "../waiting.js";

/** What a loader receives, and the options it may change. */
export interface LoadContext<T> {
  /** Whether a caller is already served and this load only refreshes. */
  background: boolean;
  /** Aborted when `loaderTimeout` has passed. */
  signal: AbortSignal;
  /** The value that is stale or expired. */
  previous?: T;
  /** Changes how the loaded value is stored; a `ttl` of 0 is {@link LoadContext.doNotStore}. */
  setOptions: (options: Partial<CacheOptions>) => void;
  /** Answers the callers of this load with the value, and stores nothing. */
  doNotStore: () => void;
}

/** Loads the value of a missing key; null or undefined for "there is none". */
export type Loader<T> = (context: LoadContext<T>) => Promise<T> | T;

/** One load that several callers wait for. It may be stored as long as it is in {@link CacheMemory.flights}. */
export interface Flight {
  readonly promise: Promise<StoredEntry>;
  /** Settles when the value is stored, or when it will not be. Rejects when it could not be loaded or stored. */
  readonly written: Promise<void>;
  /** When to stop waiting for it: its request may be gone, and then it never ends. */
  readonly deadline: number;
  tags: readonly string[];
}

/** Misses that come within this time of a load share it: the key takes one write a second anyway. */
const LANDED = 1000;
const MAX_FLIGHTS = 1000;

/** Loads missing values, each key once at a time however many ask. */
export class CacheLoads {
  readonly #store: CacheStore;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** Whether the key is not being loaded and was not loaded a moment ago. */
  isIdle(key: string): boolean {
    const { memory } = this.#store;
    const now = this.#store.now();
    return (
      this.live(key) === undefined &&
      memory.landed.get(key, now, LANDED) === undefined &&
      now >= (memory.cooldown.get(key)?.until ?? 0)
    );
  }

  hasJustFailed(key: string): boolean {
    const cooldown = this.#store.memory.cooldown.get(key);
    return cooldown?.failed === true && this.#store.now() < cooldown.until;
  }

  /** Waits for the load that is under way, or starts one. The caller gets its own copy. */
  async share<T>(key: string, load: Loader<T>, options: ResolvedOptions, entry?: CacheEntry): Promise<T> {
    const { memory, now, stats } = this.#store;
    const own = async (stored: Stored) => (await decodeEntry(stored, key, options.schema)).value as T;
    for (;;) {
      const landed = memory.landed.get(key, now(), LANDED);
      const flight = this.live(key);
      if (landed === undefined && flight === undefined) {
        const { promise, kept } = this.start(key, load, options, false, entry);
        const loaded = await promise;
        await kept;
        return own(loaded);
      }
      stats.coalesced++;
      const wait = () => Math.min((flight?.deadline ?? 0) - now(), (options.loaderTimeout + 1) * 1000);
      const answer = landed ?? (flight && (await within(flight.promise, wait(), () => undefined)));
      if (answer !== undefined) return own(answer);
      // The request that led it is gone, and its promise with it.
      if (flight !== undefined) this.#remove(key, flight);
    }
  }

  /** Starts a load that others may share. `kept` is what the caller must await when there is no `waitUntil`. */
  start<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    background: boolean,
    entry?: CacheEntry,
  ): { promise: Promise<StoredEntry>; kept: Promise<void> | undefined } {
    const { settings } = this.#store;
    const flight = this.fly(key, load, options, background, entry);
    const failed = (cause: unknown) => {
      const error = toKvError("put", key, cause);
      if (flight.loaded) report(settings, error);
    };
    const kept = keepAlive(settings, flight.written.catch(failed));
    return { promise: flight.promise, kept };
  }

  /** Loads and stores, without reporting what fails. */
  fly<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    background: boolean,
    entry?: CacheEntry,
  ): Flight & { loaded: boolean } {
    const store = this.#store;
    const { now, memory, settings } = store;
    const started = now();
    let used = options;
    let stores = true;
    const context = (signal: AbortSignal): LoadContext<T> => ({
      background,
      signal,
      ...(entry === undefined || entry.negative ? {} : { previous: copyOf(entry.value as T) }),
      setOptions: ({ ttl = used.ttl, ...more }) => {
        stores &&= ttl !== 0;
        used = resolveOptions(used, { ...more, ttl: ttl === 0 ? used.ttl : ttl });
        flight.tags = used.tags;
      },
      doNotStore: () => {
        stores = false;
      },
    });
    const encode = (value: T) => verify(encodeEntry(store.entry(value, started, used), key), key, used.schema);
    const promise = limited((signal) => load(context(signal)), options.loaderTimeout, encode);
    // Other locations keep reading the old value for cacheTtl: loading again in the meantime gains nothing.
    const cool = (failed: boolean, seconds = 0) => {
      remember(memory.cooldown, key, { until: now() + Math.max(LANDED, seconds * 1000), failed }, MAX_FLIGHTS);
    };
    if (entry !== undefined) cool(false, Math.min(settings.cacheTtl ?? 60, options.ttl));
    const written = promise.then(
      async (made) => {
        flight.loaded = true;
        // Deleted or written in the meantime: the loaded value is too old to store.
        if (memory.flights.get(key) !== flight) return;
        memory.flights.delete(key);
        // "There is none" is remembered only with a negativeTtl.
        if (!stores || (made.value === "null" && used.negativeTtl === 0)) return;
        const freshUntil = made.metadata.c[1] ?? Infinity;
        memory.landed.set(key, made, Math.min(now() + LANDED, freshUntil), MAX_FLIGHTS);
        await store.put(key, made, settings.waitUntil !== undefined);
      },
      (error: unknown) => {
        store.stats.loaderError++;
        this.#remove(key, flight);
        cool(true);
        throw error;
      },
    );
    // A second more than the loader has, so that a leader which is alive answers first.
    const deadline = started + (options.loaderTimeout + 1) * 1000;
    const flight: Flight & { loaded: boolean } = { promise, written, deadline, tags: options.tags, loaded: false };
    this.#sweep(started);
    remember(memory.flights, key, flight, 5 * MAX_FLIGHTS);
    return flight;
  }

  /** The flight under way, unless it is past its deadline. */
  live(key: string): Flight | undefined {
    const flight = this.#store.memory.flights.get(key);
    return flight !== undefined && this.#store.now() < flight.deadline ? flight : undefined;
  }

  /** Forgets flights whose request is gone. */
  #sweep(now: number): void {
    const { flights, landed } = this.#store.memory;
    landed.sweep(now);
    for (const [key, { deadline }] of flights) {
      if (now >= deadline) flights.delete(key);
      else if (flights.size < MAX_FLIGHTS) break;
    }
  }

  /** Forgets a flight, unless another has taken its place. */
  #remove(key: string, flight: Flight): void {
    const { flights } = this.#store.memory;
    if (flights.get(key) === flight) flights.delete(key);
  }
}

/** Runs a loader, aborting its signal and throwing `LOADER_TIMEOUT` when it takes too long. */
function limited<T>(
  load: (signal: AbortSignal) => T | Promise<T>,
  seconds: number,
  encode: (value: T) => Promise<StoredEntry>,
): Promise<StoredEntry> {
  const controller = new AbortController();
  const work = Promise.resolve(controller.signal).then(load).then(encode);
  return within(work, seconds * 1000, () => {
    const error = new KvError("LOADER_TIMEOUT", "load", `the loader took more than ${seconds} seconds`, {
      retryable: true,
    });
    controller.abort(error);
    throw error;
  });
}
