import { delay } from "../../src/runtime/common.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { type Contender, CONTENDERS } from "./contenders.js";
import { inVirtualTime } from "./virtual-time.js";

/** Milliseconds, in the order of what Cloudflare publishes. */
const HOT_READ = 3;
const COLD_READ = 80;
const WRITE = 120;
const LOAD = 200;

interface Scenario {
  name: string;
  locations: number;
  isolates: number;
  /** When requests come to each isolate, in milliseconds; several at once are repeated. */
  arrivals: number[];
  /** When the source is down, from and to. */
  outage?: [number, number];
}

const SCENARIOS: Scenario[] = [
  {
    name: "cold stampede: 3 locations x 4 isolates x 50 requests at once",
    locations: 3,
    isolates: 4,
    arrivals: new Array<number>(50).fill(0),
  },
  {
    name: "hot key: 2 x 4 isolates, 10 requests a second each, for 3 minutes",
    locations: 2,
    isolates: 4,
    arrivals: every(100, 180_000),
  },
  {
    name: "the same, while the source is down from 60 s to 120 s",
    locations: 2,
    isolates: 4,
    arrivals: every(100, 180_000),
    outage: [60_000, 120_000],
  },
];

function every(step: number, until: number): number[] {
  return Array.from({ length: Math.floor(until / step) }, (_, index) => index * step);
}

/** One key under load, in virtual time, for each contender. Deterministic but for jitter. */
export async function simulate(): Promise<void> {
  for (const scenario of SCENARIOS) {
    console.log(`\n${scenario.name}`);
    console.log(`${"".padEnd(28)}   loads   reads  writes    429   errors  p50 ms  p99 ms   stale max s`);
    for (const [name, contender] of Object.entries(CONTENDERS)) {
      await inVirtualTime(async (now) => {
        const { loads, reads, writes, refused, errors, took, age } = await play(scenario, contender, now);
        const quantile = (part: number) => Math.round(took[Math.floor((took.length - 1) * part)] ?? 0);
        const columns = [loads, reads, writes, refused, errors, quantile(0.5), quantile(0.99)];
        const text = columns.map((column) => String(column).padStart(7)).join(" ");
        console.log(`${name.padEnd(28)} ${text} ${(age / 1000).toFixed(0).padStart(13)}`);
      });
    }
  }
}

async function play({ locations, isolates, arrivals, outage }: Scenario, contender: Contender, now: () => number) {
  const began = now();
  const readAt = new Map<string, number>();
  const result = { loads: 0, reads: 0, writes: 0, refused: 0, errors: 0, took: [] as number[], age: 0 };
  const kv = new MemoryKV({
    clock: now,
    eventual: true,
    writeLimit: true,
    before: ({ op, location, keys }) => {
      const spot = `${location} ${keys.join()}`;
      const hot = now() - (readAt.get(spot) ?? -Infinity) < 60_000;
      if (op === "get" && !hot) readAt.set(spot, now());
      return delay(op !== "get" ? WRITE : hot ? HOT_READ : COLD_READ);
    },
  });
  const load = async () => {
    result.loads++;
    await delay(LOAD);
    const since = now() - began;
    if (outage !== undefined && since >= outage[0] && since < outage[1]) throw new Error("the source is down");
    return { at: now() };
  };
  const background: Promise<unknown>[] = [];
  const requests: Promise<void>[] = [];
  for (let location = 0; location < locations; location++) {
    for (let isolate = 0; isolate < isolates; isolate++) {
      const view = kv.at(`location ${location}`);
      const put = view.put.bind(view);
      view.put = async (...args) => {
        try {
          await put(...args);
        } catch (error) {
          result.refused++;
          throw error;
        }
      };
      const waitUntil = (work: Promise<unknown>) => void background.push(work.catch(() => undefined));
      const read = contender({ kv: view, waitUntil, now });
      requests.push(...arrivals.map((at) => request(at + isolate * 7, read)));
    }
  }

  async function request(at: number, read: ReturnType<Contender>): Promise<void> {
    await delay(at);
    const start = now();
    try {
      const value = (await read("key", load)) as { at: number };
      result.age = Math.max(result.age, now() - value.at);
    } catch {
      result.errors++;
    }
    result.took.push(now() - start);
  }

  await Promise.all(requests);
  await Promise.all(background);
  result.took.sort((a, b) => a - b);
  const { reads, writes } = kv.counts;
  return { ...result, reads, writes };
}
