const encoder = /* @__PURE__ */ new TextEncoder();

/** Standard MurmurHash3 (x86, 32 bit, seed 0) of a string's UTF-8 bytes. */
export function murmur3(text: string): number {
  const bytes = encoder.encode(text);
  const { length } = bytes;
  const tail = length & ~3;
  let hash = 0;
  for (let i = 0; i < tail; i += 4) {
    hash ^= scramble(
      (bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24),
    );
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = length - 1; i >= tail; i--) rest = (rest << 8) | (bytes[i] as number);
  hash ^= scramble(rest) ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** Where a key falls among 10,000 equal buckets, 0 to 9999: always the same, and independent for each salt. */
export function bucket(salt: string, key: string): number {
  return Math.floor((murmur3(`${salt}:${key}`) / 2 ** 32) * 10_000);
}
