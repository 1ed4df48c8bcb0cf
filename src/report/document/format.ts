import { GB } from "../../kv/prices.js";

/** What stands for an unknown figure. */
export const UNKNOWN = "—";

/** A whole number with groups of three digits: `1,234,567`. */
export function countText(value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Bytes in the largest decimal unit that fits, as Cloudflare bills them: `1.5 MB`. */
export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return UNKNOWN;
  const [unit, size] = BYTE_UNITS.find(([, each]) => bytes >= each) ?? ["B", 1];
  return `${rounded(bytes / size)} ${unit}`;
}

const BYTE_UNITS = [
  ["TB", 1000 * GB],
  ["GB", GB],
  ["MB", 1_000_000],
  ["KB", 1000],
] as const;

/** US dollars with cents; less than a cent is named so, because it is not free. */
export function moneyText(dollars: number): string {
  if (dollars > 0 && dollars < 0.005) return "< $0.01";
  const [whole = "0", cents = "00"] = dollars.toFixed(2).split(".");
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${cents === "00" ? "" : `.${cents}`}`;
}

/** A share in percent: `0.4 %`, `12 %`. */
export function percentText(percent: number | undefined): string {
  if (percent === undefined) return UNKNOWN;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  return `${countOrTenths(percent)} %`;
}

/** Milliseconds: `0.4 ms`, `12 ms`. */
export function millisecondsText(ms: number | undefined): string {
  return ms === undefined ? UNKNOWN : `${countOrTenths(ms)} ms`;
}

/** A time to live in the largest unit that fits. */
export function ttlText(seconds: number): string {
  if (seconds === 0) return "keys do not expire";
  return durationText(seconds);
}

/** Seconds in the largest unit of which they are a whole number: `300` as `5 min`. */
export function durationText(seconds: number): string {
  const [unit, size] = DURATIONS.find(([, each, least]) => seconds % each === 0 && seconds >= least) ?? ["s", 1];
  return `${countText(seconds / size)} ${unit}`;
}

/** Each with its seconds, and the count from which it reads better than the next: a day is 24 h, two are 2 days. */
const DURATIONS = [
  ["days", 86_400, 172_800],
  ["h", 3600, 3600],
  ["min", 60, 60],
] as const;

function countOrTenths(value: number): string {
  return value < 10 && !Number.isInteger(value) ? String(Number(value.toFixed(1))) : countText(value);
}

function rounded(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return countText(value);
  return String(Number(value.toFixed(value < 10 ? 2 : 1)));
}
