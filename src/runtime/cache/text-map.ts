import type { Stored } from "./entry.js";
import { isCurrent } from "../isolate-state.js";

/** Entries in memory until a time, bounded in number and in characters: the oldest are dropped first. */
export class TextMap {
  readonly #entries = new Map<string, { stored: Stored; until: number }>();
  #characters = 0;

  constructor(readonly maxCharacters: number) {}

  /** What was kept for at most so many milliseconds. */
  get(key: string, now: number, longest: number): Stored | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || isCurrent(entry.until, now, longest)) return entry?.stored;
    this.delete(key);
    return undefined;
  }

  set(key: string, stored: Stored, until: number, max: number): void {
    this.delete(key);
    this.#entries.set(key, { stored, until });
    this.#characters += stored.value.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= max && this.#characters <= this.maxCharacters) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#characters -= this.#entries.get(key)?.stored.value.length ?? 0;
    this.#entries.delete(key);
  }

  /** Deletes the entries that are past their time, from the oldest on. */
  sweep(now: number): void {
    for (const [key, { until }] of this.#entries) {
      if (now < until) break;
      this.delete(key);
    }
  }

  *[Symbol.iterator](): Generator<[key: string, stored: Stored]> {
    for (const [key, { stored }] of this.#entries) yield [key, stored];
  }
}
