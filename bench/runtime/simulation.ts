import { delay } from "../../src/runtime/waiting.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { type Contender, CONTENDERS } from "./contenders.js";
import { dollarsPerMillion } from "./prices.js";
import { type Scenario, SCENARIOS } from "./scenarios.js";
import { inVirtualTime } from "./virtual-time.js";

/** Milliseconds, in the order of what Cloudflare publishes. */
const HOT_READ = 3;
const COLD_READ = 80;
const WRITE = 120;

const HEAD =
  "requests   loads   reads  writes     429  errors  $/million  p50 ms  p99 ms  p99 age s  max age s".padStart(126);

/** One key under load, in virtual time, for each contender: the same in every run. */
export async function simulate(): Promise<void> {
  for (const scenario of SCENARIOS) {
    console.log(`\n${scenario.name}\n${HEAD}`);
    for (const [name, contender] of Object.entries(CONTENDERS)) {
      await inVirtualTime(async (now) => {
        const { requests, loads, reads, writes, refused, errors, took, ages } = await play(scenario, contender, now);
        const dollars = dollarsPerMillion(requests, { reads, writes });
        const columns = [
          ...[requests, loads, reads, writes, refused, errors].map((count) => String(count).padStart(7)),
          dollars.toFixed(2).padStart(10),
          ...[quantile(took, 0.5), quantile(took, 0.99)].map((time) => time.toFixed(0).padStart(7)),
          ...[quantile(ages, 0.99), quantile(ages, 1)].map((age) => (age / 1000).toFixed(0).padStart(10)),
        ];
        console.log(`${name.padEnd(28)} ${columns.join(" ")}`);
      });
    }
  }
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
}

async function play(scenario: Scenario, contender: Contender, now: () => number) {
  const { locations, isolates, arrivals, loadTime, primedBefore = 0, sourceDown, kvDown } = scenario;
  const began = now() + primedBefore;
  const within = (span?: [number, number]) => span !== undefined && now() - began >= span[0] && now() - began < span[1];
  const readAt = new Map<string, number>();
  const result = { requests: 0, loads: 0, refused: 0, errors: 0, took: [] as number[], ages: [] as number[] };
  const kv = new MemoryKV({
    clock: now,
    eventual: true,
    writeLimit: true,
    before: async ({ op, location, keys }) => {
      const spot = `${location} ${keys.join()}`;
      const hot = now() - (readAt.get(spot) ?? -Infinity) < 60_000;
      if (op === "get" && !hot) readAt.set(spot, now());
      await delay(op !== "get" ? WRITE : hot ? HOT_READ : COLD_READ);
      if (op === "get" && within(kvDown)) throw new Error("KV GET failed: 503 Service Unavailable");
    },
  });
  const load = async () => {
    result.loads++;
    await delay(loadTime);
    if (within(sourceDown)) throw new Error("the source is down");
    return { at: now() };
  };
  const background: Promise<unknown>[] = [];

  function isolate(location: number): ReturnType<Contender> {
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
    return contender({ kv: view, waitUntil, now });
  }

  async function request(at: number, read: ReturnType<Contender>): Promise<void> {
    await delay(began + at - now());
    const start = now();
    result.requests++;
    try {
      const value = (await read("key", load)) as { at: number };
      result.ages.push(now() - value.at);
    } catch {
      result.errors++;
    }
    result.took.push(now() - start);
  }

  if (primedBefore > 0) await request(-primedBefore, isolate(0));
  const requests: Promise<void>[] = [];
  for (let location = 0; location < locations; location++) {
    for (let index = 0; index < isolates; index++) {
      const read = isolate(location);
      requests.push(...arrivals.map((at) => request(at + index * 7, read)));
    }
  }
  await Promise.all(requests);
  await Promise.all(background);
  result.took.sort((a, b) => a - b);
  result.ages.sort((a, b) => a - b);
  const { reads, writes } = kv.counts;
  return { ...result, reads, writes };
}
