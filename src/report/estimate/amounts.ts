import { GB } from "../../kv/prices.js";

/** Days that an estimate counts as a month. */
export const DAYS_PER_MONTH = 30;

export const SECONDS_PER_DAY = 86_400;

export const SECONDS_PER_MONTH = DAYS_PER_MONTH * SECONDS_PER_DAY;

const MULTIPLES: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, b: 1e9, g: 1e9 };

/** How often a month has each period. */
const PERIODS: readonly (readonly [words: readonly string[], times: number])[] = [
  [["s", "sec", "second"], SECONDS_PER_MONTH],
  [["min", "minute"], SECONDS_PER_MONTH / 60],
  [["h", "hour"], SECONDS_PER_MONTH / 3600],
  [["d", "day"], DAYS_PER_MONTH],
  [["w", "week"], DAYS_PER_MONTH / 7],
  [["mo", "month"], 1],
  [["y", "year"], DAYS_PER_MONTH / 365],
];

/** What a rate looks like, for messages. */
export const RATE_FORM = "a number such as 200k or 10M, and if it is not a month's, a period: 80/second, 3M/day";

/** Operations a month of `10M/month`, `80/s`, `200k`; undefined for anything else. */
export function parseRate(text: string): number | undefined {
  const [, digits = "", multiple = "", period = "month"] =
    /^\s*([\d_,]*\.?\d+)\s*([kmbg]?)\s*(?:\/\s*([a-z]+)\s*)?$/i.exec(text) ?? [];
  const times = PERIODS.find(([words]) => words.includes(period.toLowerCase().replace(/(?<=..)s$/, "")))?.[1];
  const value = Number(digits.replace(/[_,]/g, "")) * (MULTIPLES[multiple.toLowerCase()] ?? NaN);
  return digits === "" || times === undefined || !Number.isFinite(value) ? undefined : value * times;
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: GB,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** What an amount of storage looks like, for messages. */
export const BYTES_FORM = "a number with a unit, such as 500MB, 3GB or 2GiB";

/** Bytes of `3GB`; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^\s*(\d*\.?\d+)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const size = BYTE_UNITS[unit.toLowerCase()];
  return digits === "" || size === undefined ? undefined : Number(digits) * size;
}

/** US dollars of `20`, `$20` or `19.99`. */
export function parseDollars(text: string): number | undefined {
  const digits = /^\s*\$?(\d*\.?\d+)\s*$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
