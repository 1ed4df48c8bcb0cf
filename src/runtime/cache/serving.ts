import { type CacheEntry, stateOf } from "./entry.js";
import type { CacheLoads, Loader } from "./loads.js";
import type { ResolvedOptions } from "./options.js";
import type { CacheStore } from "./store.js";
import { KvError } from "../errors.js";
import type { RuntimeOptions } from "../options.js";
import { report } from "../report.js";
import { within } from "../waiting.js";

/** Decides what a caller gets: the stored value, a stale one while it is loaded again, or a loaded one. */
export class CacheServing {
  readonly #store: CacheStore;
  readonly #loads: CacheLoads;

  constructor(store: CacheStore, loads: CacheLoads) {
    this.#store = store;
    this.#loads = loads;
  }

  /** The result for a key, without a promise where possible: a hit should not cost a microsecond more than needed. */
  serve<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    entry: CacheEntry | undefined,
    ttl: number | undefined,
  ): T | Promise<T> {
    const state = this.counted(entry, options, ttl);
    if (entry === undefined || state === "expired") {
      options.onServed?.("miss");
      return this.#loads.share(key, load, options, entry);
    }
    const value = entry.value as T;
    if (state === "fresh") {
      const isDue = this.#isEarly(entry, options) && this.#loads.isIdle(key);
      const kept = isDue ? this.#refresh(key, load, options, entry) : undefined;
      options.onServed?.("hit");
      return kept === undefined ? value : kept.then(() => value);
    }
    const serveOld = () => {
      options.onServed?.("stale");
      return value;
    };
    if (state === "stale") {
      if (!this.#loads.isIdle(key)) return serveOld();
      const { waitUntil } = this.#store.settings;
      const kept = this.#refresh(key, load, options, entry);
      if (waitUntil !== undefined) return kept === undefined ? serveOld() : kept.then(serveOld);
    }
    if (this.#loads.hasJustFailed(key)) return serveOld();
    return this.#loadOrServe(key, load, options, entry, serveOld);
  }

  /** Waits for a load, at most for `softTimeout`; if it fails or takes longer, returns the old value. */
  async #loadOrServe<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    entry: CacheEntry,
    serveOld: () => T,
  ): Promise<T> {
    const loading = this.#loads.share(key, load, options, entry).then(
      (loaded) => ({ loaded }),
      (error: unknown) => reportFailure(this.#store.settings, error),
    );
    const { softTimeout } = options;
    const answer = await (softTimeout === Infinity ? loading : within(loading, softTimeout * 1000, () => undefined));
    if (!answer) return serveOld();
    options.onServed?.("miss");
    return answer.loaded;
  }

  /** The state of an entry, counted. */
  counted(entry: CacheEntry | undefined, options: ResolvedOptions, ttl?: number): ReturnType<typeof stateOf> {
    const state = stateOf(entry, options, this.#store.now(), ttl);
    const { stats } = this.#store;
    if (state === "stale") stats.stale++;
    else if (state !== "fresh") stats.miss++;
    else if (entry?.negative === true) stats.negative++;
    else stats.hit++;
    return state;
  }

  /** Probabilistic early expiration (XFetch): isolates refresh at different times without talking to each other. */
  #isEarly({ loadTime, freshUntil }: CacheEntry, { earlyRefresh }: ResolvedOptions): boolean {
    if (this.#store.settings.waitUntil === undefined || loadTime === 0 || earlyRefresh === 0) return false;
    return this.#store.now() - loadTime * earlyRefresh * Math.log(Math.random()) >= freshUntil;
  }

  /** Loads after the response. Returns the work if it must be awaited; does nothing without `waitUntil`. */
  #refresh<T>(key: string, load: Loader<T>, options: ResolvedOptions, entry: CacheEntry): Promise<void> | undefined {
    this.#store.stats.refresh++;
    if (this.#store.settings.waitUntil === undefined) return undefined;
    const { promise, kept } = this.#loads.start(key, load, options, true, entry);
    promise.catch((error: unknown) => reportFailure(this.#store.settings, error));
    return kept;
  }
}

/** Reports an error that no caller sees, because there is a value to serve. */
export function reportFailure(settings: RuntimeOptions, error: unknown): void {
  const known = error instanceof KvError;
  report(
    settings,
    known ? error : new KvError("LOADER_FAILED", "load", "the loader failed", { retryable: true, cause: error }),
  );
}
