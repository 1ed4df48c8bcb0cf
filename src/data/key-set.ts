import { KeyHasher } from "./key-hash.js";

/** The number of tables in a set, so that it grows a little at a time; a power of two. */
const TABLES = 64;
const LEAST_CAPACITY = 16;
const GROWTH = 1.4;
const MAX_LOAD = 0.8;

/**
 * A set of keys that stores 64 bits of each instead of the text: 10 to 14 bytes per key, where a `Set` of a million
 * strings takes over a hundred. One in thirty million sets of a million keys has two keys that look the same.
 */
export class KeySet {
  private readonly tables: (Table | undefined)[] = new Array<Table | undefined>(TABLES).fill(undefined);
  private readonly hasher = new KeyHasher();
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(key: string): boolean {
    return this.noteOf(key) !== undefined;
  }

  /** The number that was added with a key, or nothing when it is not in the set. */
  noteOf(key: string): number | undefined {
    const { high, low } = this.hasher.hash(key);
    return this.tables[high % TABLES]?.noteOf(high, low);
  }

  /**
   * Returns false when the key was in the set before.
   *
   * @param note - a whole number below 2³² to keep with the key
   */
  add(key: string, note = 0): boolean {
    const { high, low } = this.hasher.hash(key);
    const table = this.tables[high % TABLES] ?? this.begin(high % TABLES);
    if (!table.add(high, low, note)) return false;
    this.count++;
    return true;
  }

  /** They fill evenly: with different initial sizes, they grow one after the other and not all at once. */
  private begin(at: number): Table {
    const table = new Table(Math.ceil(LEAST_CAPACITY * GROWTH ** (at / TABLES)));
    this.tables[at] = table;
    return table;
  }
}

/** A part of a set: hashes in slots, with the next free one used on a collision. */
class Table {
  /** Two words per slot; a first word of 0 marks a free one. */
  private slots: Uint32Array;
  private notes: Uint32Array | undefined;
  private count = 0;

  constructor(private capacity: number) {
    this.slots = new Uint32Array(2 * capacity);
  }

  noteOf(high: number, low: number): number | undefined {
    const slot = this.find(high, low);
    return this.slots[2 * slot] === 0 ? undefined : (this.notes?.[slot] ?? 0);
  }

  add(high: number, low: number, note: number): boolean {
    const slot = this.find(high, low);
    if (this.slots[2 * slot] !== 0) return false;
    this.fill(slot, high, low, note);
    if (++this.count > this.capacity * MAX_LOAD) this.grow();
    return true;
  }

  /** The slot of a hash, or the free one where it belongs. */
  private find(high: number, low: number): number {
    const { slots, capacity } = this;
    let slot = Math.floor((low / 2 ** 32) * capacity);
    for (;;) {
      const found = slots[2 * slot];
      if (found === 0 || (found === high && slots[2 * slot + 1] === low)) return slot;
      if (++slot === capacity) slot = 0;
    }
  }

  private fill(slot: number, high: number, low: number, note: number): void {
    this.slots[2 * slot] = high;
    this.slots[2 * slot + 1] = low;
    if (note === 0) return;
    this.notes ??= new Uint32Array(this.capacity);
    this.notes[slot] = note;
  }

  private grow(): void {
    const { slots, notes } = this;
    this.capacity = Math.ceil(this.capacity * GROWTH);
    this.slots = new Uint32Array(2 * this.capacity);
    this.notes = undefined;
    for (let slot = 0; 2 * slot < slots.length; slot++) {
      const [high, low] = [slots[2 * slot] ?? 0, slots[2 * slot + 1] ?? 0];
      if (high !== 0) this.fill(this.find(high, low), high, low, notes?.[slot] ?? 0);
    }
  }
}
