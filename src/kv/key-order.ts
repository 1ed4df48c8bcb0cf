/**
 * Compares keys as KV lists them, by their UTF-8 bytes: below 0 when `a` comes first. JavaScript's own order is that of
 * UTF-16 units, which puts `U+FF00` after an emoji.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [unit, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unit !== other) return rank(unit) - rank(other);
  }
  return a.length - b.length;
}

/** The place of a UTF-16 unit among code points: halves of pairs stand for those above `U+FFFF`. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
