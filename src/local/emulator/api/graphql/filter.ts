import { DAYS_KEPT } from "../../../engine/usage-book.js";
import { type Row, timeText } from "./rows.js";

/** A filter as a query sends it, checked against the schema. */
export type Filter = Readonly<Record<string, unknown>>;

/** Something that Cloudflare refuses although it fits the schema. */
export class QueryRefused extends Error {}

const DAY_SECONDS = 86_400;

/** Seconds that one query may span on the Free plan. */
const WIDEST_RANGE = 7 * DAY_SECONDS;

const OPERATORS: Readonly<Record<string, (value: string, wanted: unknown) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  neq: (value, wanted) => value !== wanted,
  gt: (value, wanted) => value > String(wanted),
  geq: (value, wanted) => value >= String(wanted),
  lt: (value, wanted) => value < String(wanted),
  leq: (value, wanted) => value <= String(wanted),
  in: (value, wanted) => (wanted as readonly string[]).includes(value),
  notin: (value, wanted) => !(wanted as readonly string[]).includes(value),
  like: (value, wanted) => isLike(value, String(wanted)),
  notlike: (value, wanted) => !isLike(value, String(wanted)),
};

/** Whether a row passes a filter. */
export function passes(row: Row, filter: Filter): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    if (name === "AND") return (wanted as readonly Filter[]).every((each) => passes(row, each));
    if (name === "OR") return (wanted as readonly Filter[]).some((each) => passes(row, each));
    const [field = "", operator = "eq"] = name.split("_");
    return OPERATORS[operator]?.(row.dimensions[field] ?? "", wanted) ?? false;
  });
}

/**
 * Checks the time that a filter spans: as long as data is kept, and as wide as the Free plan may ask at once.
 *
 * @throws QueryRefused in Cloudflare's words
 */
export function checkRange(filter: Filter, now: Date): void {
  const bounds = boundsOf(filter, now);
  if (bounds.from === undefined) throw new QueryRefused("filter must have a lower bound of date or datetime");
  const oldest = DAYS_KEPT * DAY_SECONDS;
  const today = Date.parse(`${now.toISOString().slice(0, 10)}T00:00:00Z`);
  if (bounds.from < today - oldest * 1000) {
    const since = timeText(new Date(bounds.from));
    throw new QueryRefused(`cannot request data older than ${oldest}s, requested since date is: ${since}`);
  }
  const seconds = (bounds.to - bounds.from) / 1000;
  if (seconds > WIDEST_RANGE) {
    throw new QueryRefused(
      `query time range is too large. Time range can't be wider than ${WIDEST_RANGE}s, but it's ${Math.ceil(seconds)}s`,
    );
  }
}

interface Bounds {
  readonly from: number | undefined;
  readonly to: number;
}

function boundsOf(filter: Filter, now: Date): Bounds {
  let from: number | undefined;
  let to = now.getTime();
  const atLeast = (time: number): void => void (from = Math.max(from ?? -Infinity, time));
  const atMost = (time: number): void => void (to = Math.min(to, time));
  for (const [name, wanted] of Object.entries(filter)) {
    if (name === "AND") {
      for (const each of wanted as readonly Filter[]) {
        const inner = boundsOf(each, now);
        if (inner.from !== undefined) atLeast(inner.from);
        atMost(inner.to);
      }
    }
    const [field = "", operator = "eq"] = name.split("_");
    if (!field.startsWith("date")) continue;
    const time = (value: unknown): number => timeOf(String(value), field);
    // A date stands for its whole day.
    const length = field === "date" ? DAY_SECONDS * 1000 : 0;
    if (operator === "eq" || operator === "geq" || operator === "gt") atLeast(time(wanted));
    if (operator === "eq" || operator === "leq") atMost(time(wanted) + length);
    if (operator === "lt") atMost(time(wanted));
    if (operator === "in") {
      const times = (wanted as readonly unknown[]).map(time);
      atLeast(Math.min(...times));
      atMost(Math.max(...times) + length);
    }
  }
  return { from, to };
}

function timeOf(text: string, field: string): number {
  const form = field === "date" ? /^\d{4}-\d{2}-\d{2}$/ : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
  const time = form.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new QueryRefused(`error parsing args: filter: ${field}: cannot parse "${text}" as a ${field === "date" ? "date" : "time"}`);
}

/** `%` stands for any text. */
function isLike(value: string, pattern: string): boolean {
  const parts = pattern.split("%").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(value);
}
