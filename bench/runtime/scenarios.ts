/** One key under load. Times are in milliseconds. */
export interface Scenario {
  name: string;
  locations: number;
  isolates: number;
  /** When requests come to each isolate; several at once are repeated. */
  arrivals: number[];
  /** How long the source takes. */
  loadTime: number;
  /** A request that comes alone so long before the others. */
  primedBefore?: number;
  /** When the source is down, from and to. */
  sourceDown?: [number, number];
  /** When KV cannot be read, from and to. */
  kvDown?: [number, number];
}

const MINUTE = 60_000;
const LOAD = 200;
const atOnce = new Array<number>(50).fill(0);
const tenASecond = { locations: 2, isolates: 4, arrivals: every(100, 3 * MINUTE), loadTime: LOAD };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "cold stampede: 3 locations x 4 isolates x 50 requests at once",
    locations: 3,
    isolates: 4,
    arrivals: atOnce,
    loadTime: LOAD,
  },
  {
    name: "stale stampede: the same, a second after the value's 30 s have passed",
    locations: 3,
    isolates: 4,
    arrivals: atOnce,
    loadTime: LOAD,
    primedBefore: 31_000,
  },
  {
    name: "hot key: 2 x 4 isolates, 500 requests a second, for 3 minutes",
    locations: 2,
    isolates: 4,
    arrivals: every(16, 3 * MINUTE),
    loadTime: LOAD,
  },
  { ...tenASecond, name: "warm key: 2 x 4 isolates, 80 requests a second, for 3 minutes" },
  { ...tenASecond, name: "the same, with a source that takes 5 s", loadTime: 5000 },
  { ...tenASecond, name: "the same, while the source is down from 60 s to 120 s", sourceDown: [MINUTE, 2 * MINUTE] },
  { ...tenASecond, name: "the same, while KV cannot be read from 60 s to 120 s", kvDown: [MINUTE, 2 * MINUTE] },
];

function every(step: number, until: number): number[] {
  return Array.from({ length: Math.floor(until / step) }, (_, index) => index * step);
}
