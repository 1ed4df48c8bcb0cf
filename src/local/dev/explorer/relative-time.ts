const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** When a key expires, as people say it: `in 24 min`, `in 2 days`, `expired`. Both in seconds since 1970. */
export function relativeTime(expiration: number, now: number): string {
  const left = Math.round(expiration - now);
  const [unit, seconds] = UNITS.find(([, size]) => left >= size) ?? [undefined, 1];
  if (unit === undefined) return "expired";
  const count = Math.floor(left / seconds);
  const plural = count > 1 && (unit === "day" || unit === "hour") ? "s" : "";
  return `in ${count} ${unit}${plural}`;
}
