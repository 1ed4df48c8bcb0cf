import { dayAfter } from "./days.js";

/** Days ahead beyond which a forecast would be a guess. */
const HORIZON_DAYS = 365;

/** Fewest days from which a trend is read. */
const LEAST_DAYS = 3;

/** A figure of a day. */
export interface Point {
  readonly date: string;
  readonly value: number;
}

/**
 * The day on which a straight line through the figures reaches a limit; undefined when it does not within a year, has
 * already, or there are too few days.
 */
export function reaches(points: readonly Point[], limit: number): string | undefined {
  const last = points.at(-1);
  if (last === undefined || points.length < LEAST_DAYS || last.value >= limit) return undefined;
  const { slope, at } = lineThrough(points.map(({ value }) => value));
  if (slope <= 0) return undefined;
  const days = Math.ceil((limit - at(points.length - 1)) / slope);
  return days <= HORIZON_DAYS ? dayAfter(last.date, Math.max(1, days)) : undefined;
}

/** How the second half of the days differs from the first, in percent; undefined when the first has nothing. */
export function trendOf(values: readonly number[]): number | undefined {
  const half = Math.floor(values.length / 2);
  const mean = (part: readonly number[]): number => part.reduce((sum, value) => sum + value, 0) / part.length;
  const before = mean(values.slice(0, half));
  if (half === 0 || before === 0) return undefined;
  return ((mean(values.slice(values.length - half)) - before) / before) * 100;
}

/** The line with the least squares. */
function lineThrough(values: readonly number[]): { slope: number; at: (index: number) => number } {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const above = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const below = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  const slope = below === 0 ? 0 : above / below;
  return { slope, at: (index) => mean + slope * (index - middle) };
}
