import type { CacheEntry } from "./entry.js";
import { type CacheOptions, isStored, resolveOptions, type ResolvedOptions } from "./options.js";
import type { CacheStore, Flight } from "./store.js";
import { runLater } from "../background.js";
import { remember } from "../isolate-state.js";
import { KvError } from "../errors.js";
import { within } from "../waiting.js";

/** What a loader is told, and what it may ask for. */
export interface LoadContext<T> {
  /** Whether a caller is already served and this load only refreshes. */
  background: boolean;
  /** Aborted when `loaderTimeout` has passed. */
  signal: AbortSignal;
  /** The value that is stale or expired. */
  previous?: T;
  /** Changes how the loaded value is stored. */
  setOptions: (options: Partial<CacheOptions>) => void;
}

/** Loads the value of a missing key; null or undefined for "there is none". */
export type Loader<T> = (context: LoadContext<T>) => Promise<T> | T;

/** Misses that come within this time of a load share it: the key takes one write a second anyway. */
const LANDED = 1000;
const MAX_FLIGHTS = 1000;

/** Loads missing values, each key once at a time however many ask. */
export class CacheLoads {
  readonly #store: CacheStore;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** Whether the key is not being loaded, nor was a moment ago. */
  isIdle(key: string): boolean {
    const { now, memory } = this.#store;
    return this.#live(key) === undefined && now() >= (memory.cooldown.get(key)?.until ?? 0);
  }

  hasJustFailed(key: string): boolean {
    const { now, memory } = this.#store;
    const cooldown = memory.cooldown.get(key);
    return cooldown?.failed === true && now() < cooldown.until;
  }

  /** Waits for the load that is under way, or starts one. */
  async share<T>(key: string, load: Loader<T>, options: ResolvedOptions, entry?: CacheEntry): Promise<T> {
    const { now, memory } = this.#store;
    for (;;) {
      const flight = this.#live(key);
      if (flight === undefined) {
        const { promise, stored } = this.start(key, load, options, false, entry);
        const value = await promise;
        await stored;
        return value as T;
      }
      memory.stats.coalesced++;
      const answered = flight.promise.then((value) => ({ value }));
      const answer = await within(answered, flight.deadline - now(), () => undefined);
      if (answer !== undefined) return answer.value as T;
      // The request that led it is gone, and its promise with it.
      this.#remove(key, flight);
    }
  }

  /** Starts a load that others may share. */
  start<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    background: boolean,
    entry?: CacheEntry,
  ): Pick<Flight, "promise" | "stored"> {
    const store = this.#store;
    const { now, memory, settings } = store;
    const started = now();
    let used = options;
    const promise = limited(
      (signal) =>
        load({
          background,
          signal,
          ...(entry === undefined || entry.negative ? {} : { previous: entry.value as T }),
          setOptions: (more) => {
            used = resolveOptions(used, more);
            flight.tags = used.tags;
          },
        }),
      options.loaderTimeout,
    );
    // Other locations go on reading the old value for cacheTtl: no reason to load again meanwhile.
    const cool = (failed: boolean, seconds = 0) => {
      remember(memory.cooldown, key, { until: now() + Math.max(LANDED, seconds * 1000), failed }, MAX_FLIGHTS);
    };
    if (entry !== undefined) cool(false, settings.cacheTtl ?? 60);
    const stored = promise.then(
      async (value) => {
        if (!isStored(value, used)) {
          this.#remove(key, flight);
          return;
        }
        const made = store.entry(value, started, used);
        flight.deadline = Math.min(now() + LANDED, made.freshUntil);
        // Asked when it is written: what was fenced meanwhile is too old, a write that is tried again perhaps too.
        await runLater(settings, () => (flight.fenced ? Promise.resolve() : store.put(key, made)));
      },
      () => {
        memory.stats.loaderError++;
        this.#remove(key, flight);
        cool(true);
      },
    );
    // A second more than the loader has, so that a leader which is alive answers first.
    const deadline = started + (options.loaderTimeout + 1) * 1000;
    const flight: Flight = { promise, stored, deadline, fenced: false, tags: options.tags };
    for (const [old, each] of memory.flights) {
      if (each.deadline > started) break;
      memory.flights.delete(old);
    }
    remember(memory.flights, key, flight, MAX_FLIGHTS);
    settings.waitUntil?.(stored);
    return flight;
  }

  /** The flight under way, unless it is past its deadline. */
  #live(key: string): Flight | undefined {
    const flight = this.#store.memory.flights.get(key);
    return flight !== undefined && this.#store.now() < flight.deadline ? flight : undefined;
  }

  /** Forgets a flight, unless another has taken its place. */
  #remove(key: string, flight: Flight): void {
    const { flights } = this.#store.memory;
    if (flights.get(key) === flight) flights.delete(key);
  }
}

/** Runs a loader, aborting its signal and throwing `LOADER_TIMEOUT` when it takes too long. */
export function limited<T>(load: (signal: AbortSignal) => T | Promise<T>, seconds: number): Promise<T> {
  const controller = new AbortController();
  const work = Promise.resolve(controller.signal).then(load);
  return within(work, seconds * 1000, () => {
    const error = new KvError("LOADER_TIMEOUT", "load", `the loader took more than ${seconds} seconds`, {
      retryable: true,
    });
    controller.abort(error);
    throw error;
  });
}
