// Looked up once: the hash needs four of these per character.
const { imul } = Math;

/** Hashes a key to 64 bits, kept here until the next one: an object for each of a million would be garbage. */
export class KeyHasher {
  /** 32 bits, not all of them 0. */
  high = 1;
  /** 32 bits. */
  low = 0;

  /** 53 bits of the same in one number. */
  get number(): number {
    return (this.high & 0x1fffff) * 2 ** 32 + this.low;
  }

  /** Four multiplicative hashes over the UTF-16 units, folded to two words and mixed as MurmurHash3 ends. */
  hash(key: string): this {
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
      // Without the rotation, the low bits of a product depend on the low bits of the key alone.
      a = (a << 13) | (a >>> 19);
      b = (b << 11) | (b >>> 21);
      c = (c << 15) | (c >>> 17);
      d = (d << 17) | (d >>> 15);
    }
    this.high = mixed(mixed(a ^ key.length) + b) || 1;
    this.low = mixed(mixed(c ^ key.length) + d);
    return this;
  }
}

function mixed(hash: number): number {
  hash = imul(hash ^ (hash >>> 16), 2246822507);
  hash = imul(hash ^ (hash >>> 13), 3266489909);
  return (hash ^ (hash >>> 16)) >>> 0;
}
