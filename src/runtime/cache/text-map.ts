import type { CacheMetadata } from "./entry.js";

/** An entry as it is stored. */
export interface StoredText {
  readonly text: string;
  readonly metadata: CacheMetadata;
}

/** Entries in memory until a time, bounded in number and in characters: the oldest are dropped first. */
export class TextMap {
  readonly #entries = new Map<string, { stored: StoredText; until: number }>();
  #characters = 0;

  constructor(readonly maxCharacters: number) {}

  get(key: string, now: number): StoredText | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || now < entry.until) return entry?.stored;
    this.delete(key);
    return undefined;
  }

  set(key: string, stored: StoredText, until: number, max: number): void {
    this.delete(key);
    this.#entries.set(key, { stored, until });
    this.#characters += stored.text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= max && this.#characters <= this.maxCharacters) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#characters -= this.#entries.get(key)?.stored.text.length ?? 0;
    this.#entries.delete(key);
  }

  /** Deletes the entries that are past their time, from the oldest on. */
  sweep(now: number): void {
    for (const [key, { until }] of this.#entries) {
      if (now < until) break;
      this.delete(key);
    }
  }

  *[Symbol.iterator](): Generator<[key: string, stored: StoredText]> {
    for (const [key, { stored }] of this.#entries) yield [key, stored];
  }
}
