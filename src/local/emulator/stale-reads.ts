import type { EngineStore, StoredValue } from "../engine/store.js";

interface Former {
  readonly value: StoredValue | undefined;
  readonly until: number;
}

/**
 * Eventual consistency on request: for some seconds after a write, the API still returns the previous value, like other
 * locations do. Workers always see the newest value.
 */
export class StaleReads {
  /** 0 turns it off. */
  seconds = 0;
  readonly #former = new Map<string, Former>();

  constructor(private readonly now: () => Date) {}

  /** Call before a write. */
  async remember(namespaceId: string, store: EngineStore, keys: readonly string[]): Promise<void> {
    if (this.seconds <= 0) return;
    const until = this.now().getTime() + this.seconds * 1000;
    for (const key of keys) {
      const place = `${namespaceId}/${key}`;
      if (this.#fresh(place) === undefined) this.#former.set(place, { value: await store.get(key), until });
    }
  }

  /** What a read must return instead of the newest value; undefined if it may return that. */
  former(namespaceId: string, key: string): { readonly value: StoredValue | undefined } | undefined {
    return this.#fresh(`${namespaceId}/${key}`);
  }

  /** Forgets the previous values. */
  clear(): void {
    this.#former.clear();
  }

  #fresh(place: string): Former | undefined {
    const former = this.#former.get(place);
    if (former === undefined) return undefined;
    if (this.seconds > 0 && former.until > this.now().getTime()) return former;
    this.#former.delete(place);
    return undefined;
  }
}
