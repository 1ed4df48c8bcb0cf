// Looked up once: the hash takes four of these a character.
const { imul } = Math;

const INITIAL_CAPACITY = 1 << 12;

/**
 * A set of keys that remembers 64 bits of each instead of the text: 17 bytes a key at most where a `Set` of a million
 * texts takes over a hundred. Two of a million keys look alike in one set of thirty million.
 */
export class KeySet {
  /** Two words a slot; a first word of 0 marks a free one. */
  private slots = new Uint32Array(2 * INITIAL_CAPACITY);
  private notes: Uint32Array | undefined;
  private capacity = INITIAL_CAPACITY;
  private count = 0;
  private high = 0;
  private low = 0;

  get size(): number {
    return this.count;
  }

  has(key: string): boolean {
    this.hash(key);
    return this.slots[2 * this.find()] !== 0;
  }

  /** The number that was added with a key, or nothing when it is not in the set. */
  noteOf(key: string): number | undefined {
    this.hash(key);
    const slot = this.find();
    return this.slots[2 * slot] === 0 ? undefined : (this.notes?.[slot] ?? 0);
  }

  /**
   * Returns false when the key was in the set before.
   *
   * @param note - a whole number below 2³² to keep with the key
   */
  add(key: string, note = 0): boolean {
    this.hash(key);
    const slot = this.find();
    if (this.slots[2 * slot] !== 0) return false;
    this.fill(slot, note);
    if (++this.count > this.capacity * 0.7) this.grow();
    return true;
  }

  /** The slot of the hash at hand, or the free one where it belongs. */
  private find(): number {
    const mask = this.capacity - 1;
    let slot = this.low & mask;
    for (;;) {
      const high = this.slots[2 * slot];
      if (high === 0 || (high === this.high && this.slots[2 * slot + 1] === this.low)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private fill(slot: number, note: number): void {
    this.slots[2 * slot] = this.high;
    this.slots[2 * slot + 1] = this.low;
    if (note === 0) return;
    this.notes ??= new Uint32Array(this.capacity);
    this.notes[slot] = note;
  }

  private grow(): void {
    const { slots, notes } = this;
    this.capacity *= 2;
    this.slots = new Uint32Array(2 * this.capacity);
    this.notes = undefined;
    for (let slot = 0; 2 * slot < slots.length; slot++) {
      this.high = slots[2 * slot] ?? 0;
      if (this.high === 0) continue;
      this.low = slots[2 * slot + 1] ?? 0;
      this.fill(this.find(), notes?.[slot] ?? 0);
    }
  }

  /** Four multiplicative hashes over the UTF-16 units, folded to two words and mixed as MurmurHash3 ends. */
  private hash(key: string): void {
    let a = 0xdeadbeef;
    let b = 0x41c6ce57;
    let c = 0x9e3779b9;
    let d = 0x7f4a7c15;
    for (let at = 0; at < key.length; at++) {
      const unit = key.charCodeAt(at);
      a = imul(a ^ unit, 2654435761);
      b = imul(b ^ unit, 1597334677);
      c = imul(c ^ unit, 2246822519);
      d = imul(d ^ unit, 3266489917);
      // Without the turn, the low bits of a product depend on the low bits of the key alone.
      a = (a << 13) | (a >>> 19);
      b = (b << 11) | (b >>> 21);
      c = (c << 15) | (c >>> 17);
      d = (d << 17) | (d >>> 15);
    }
    this.high = mixed(mixed(a ^ key.length) + b) || 1;
    this.low = mixed(mixed(c ^ key.length) + d);
  }
}

function mixed(hash: number): number {
  hash = imul(hash ^ (hash >>> 16), 2246822507);
  hash = imul(hash ^ (hash >>> 13), 3266489909);
  return (hash ^ (hash >>> 16)) >>> 0;
}
