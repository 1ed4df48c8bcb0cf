const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** When a key expires, in words: `in 24 min`, `in 2 days`, `expired`. Both in seconds since 1970. */
export function relativeTime(expiration: number, now: number): string {
  const left = Math.round(expiration - now);
  return left < 1 ? "expired" : `in ${duration(left)}`;
}

/** `24 min`, `2 days`: whole units of the largest that fits. */
export function duration(seconds: number): string {
  const [unit, size] = UNITS.find((each) => seconds >= each[1]) ?? UNITS[3];
  return text(Math.floor(seconds / size), unit);
}

/** The same for a setting, which must be exact: 5400 seconds are `90 min`. */
export function exactDuration(seconds: number): string {
  const [unit, size] = UNITS.find((each) => seconds % each[1] === 0) ?? UNITS[3];
  return text(seconds / size, unit);
}

function text(count: number, unit: string): string {
  return `${count} ${unit}${count > 1 && (unit === "day" || unit === "hour") ? "s" : ""}`;
}
