/** Numbers from 0 to 1, the same in every run: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Times from 0 to `until`, `perSecond` on average, as independent callers come: in milliseconds. */
export function arrivals(random: () => number, perSecond: number, until: number): number[] {
  const times: number[] = [];
  for (let at = 0; ;) {
    at -= (Math.log(1 - random()) / perSecond) * 1000;
    if (at >= until) return times;
    times.push(at);
  }
}
