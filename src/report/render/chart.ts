import { scaleBand, scaleLinear } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import { OPERATIONS, type Operation } from "../../kv/prices.js";
import { countText } from "../document/format.js";
import type { DayOfUse } from "../usage/usage.js";
import { escapeHtml } from "./escape.js";

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 56;
const RIGHT = 12;
const TOP = 26;
const BOTTOM = 24;

/** How many days may be labelled before labels meet. */
const LABELS = 8;

/** Operations day by day: reads as an area, the others as lines; each day tells its figures in a tooltip. */
export function daysChart(days: readonly DayOfUse[]): string {
  const most = Math.max(1, ...days.flatMap((day) => OPERATIONS.map((operation) => day[operation])));
  const x = scaleBand(
    days.map(({ date }) => date),
    [LEFT, WIDTH - RIGHT],
  );
  const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]).nice(4);
  const middle = ({ date }: DayOfUse): number => at((x(date) ?? 0) + x.bandwidth() / 2);
  const shape = (operation: Operation): string => {
    const height = (day: DayOfUse): number => at(y(day[operation]));
    if (operation === "reads") {
      const fill = area<DayOfUse>(middle, y(0), height).curve(curveMonotoneX)(days) ?? "";
      const edge = line<DayOfUse>(middle, height).curve(curveMonotoneX)(days) ?? "";
      return `<path class="area reads" d="${fill}"/><path class="line reads" d="${edge}"/>`;
    }
    return `<path class="line ${operation}" d="${line<DayOfUse>(middle, height).curve(curveMonotoneX)(days) ?? ""}"/>`;
  };
  const used = OPERATIONS.filter((operation) => days.some((day) => day[operation] > 0));
  const ticks = y
    .ticks(4)
    .filter(Number.isInteger)
    .map((value) => {
      const height = at(y(value));
      return (
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${height}" y2="${height}"/>` +
        `<text class="tick" x="${LEFT - 6}" y="${height + 4}" text-anchor="end">${countText(value)}</text>`
      );
    });
  const every = Math.ceil(days.length / LABELS);
  const labels = days
    .filter((_, index) => (days.length - 1 - index) % every === 0)
    .map(
      (day) =>
        `<text class="tick" x="${middle(day)}" y="${HEIGHT - 6}" text-anchor="middle">${day.date.slice(5)}</text>`,
    );
  const tooltips = days.map((day) => {
    const words = `${day.date}: ${OPERATIONS.map((operation) => `${countText(day[operation])} ${operation}`).join(", ")}`;
    const left = at(x(day.date) ?? 0);
    return (
      `<rect class="day" x="${left}" y="${TOP}" width="${at(x.bandwidth())}" height="${HEIGHT - TOP - BOTTOM}">` +
      `<title>${escapeHtml(words)}</title></rect>`
    );
  });
  const legend = used.map((operation, index) => {
    const left = LEFT + index * 90;
    return (
      `<rect class="key ${operation}" x="${left}" y="6" width="10" height="10" rx="2"/>` +
      `<text class="legend" x="${left + 15}" y="15">${operation}</text>`
    );
  });
  const label = escapeHtml(`Operations from ${days[0]?.date ?? ""} to ${days.at(-1)?.date ?? ""}`);
  return (
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">` +
    [...ticks, ...used.map(shape), ...labels, ...legend, ...tooltips].join("") +
    `</svg>`
  );
}

function at(value: number): number {
  return Math.round(value * 10) / 10;
}
