import { Miniflare } from "miniflare";
import { delay } from "../../src/runtime/waiting.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { type Limiter, LIMITERS } from "./limiters.js";
import { dollarsPerMillion } from "./prices.js";
import { arrivals, seeded } from "./random.js";
import { inVirtualTime } from "./virtual-time.js";

const LIMIT = 100;
/** Seconds. */
const WINDOW = 60;
const WINDOWS = 10;
/** Milliseconds, in the order of what Cloudflare publishes. */
const READ = 3;
const WRITE = 120;

/** Where requests of one caller come in, and how many times the limit they are. */
const LOADS = [
  { locations: 1, isolates: 1, times: 0.8 },
  { locations: 1, isolates: 1, times: 10 },
  { locations: 1, isolates: 4, times: 0.8 },
  { locations: 1, isolates: 4, times: 2 },
  { locations: 1, isolates: 4, times: 10 },
  { locations: 1, isolates: 20, times: 10 },
  { locations: 5, isolates: 4, times: 2 },
  { locations: 5, isolates: 4, times: 10 },
] as const;

/** How near a limit of 100 a minute comes to what it says, over ten minutes of virtual time: the same in every run. */
export async function limitAccuracy(): Promise<void> {
  console.log(`\nRequests let through, as a part of the limit of ${LIMIT} in ${WINDOW} s, over ${WINDOWS} windows`);
  console.log("locations  isolates  asked  limiter               allowed  in any 60 s  failed  $/million");
  for (const load of LOADS) {
    for (const [name, limiter] of Object.entries(LIMITERS)) {
      await inVirtualTime(async (now) => {
        const { allowed, peak, failed, dollars } = await play(load, limiter, now);
        const columns = [
          String(load.locations).padStart(9),
          String(load.isolates).padStart(8),
          `${load.times}x`.padStart(5),
          name.padEnd(20),
          allowed.toFixed(2).padStart(8),
          peak.toFixed(2).padStart(11),
          `${(failed * 100).toFixed(0)} %`.padStart(6),
          dollars.toFixed(2).padStart(9),
        ];
        console.log(columns.join("  "));
      });
    }
  }
  console.log(`the native binding in Miniflare, one Worker, 10x: ${(await native()).toFixed(2)} allowed`);
}

/** Sends one caller's requests to isolates in locations, and counts those that pass. */
export async function play(
  { locations, isolates, times }: { locations: number; isolates: number; times: number },
  limiter: Limiter,
  now: () => number,
): Promise<{ allowed: number; peak: number; failed: number; dollars: number }> {
  const began = now();
  const random = seeded(7);
  const span = WINDOW * 1000 * WINDOWS;
  const passed: number[] = [];
  let requests = 0;
  let failed = 0;
  const kv = new MemoryKV({
    clock: now,
    eventual: true,
    writeLimit: true,
    before: ({ op }) => delay(op === "get" ? READ : WRITE),
  });
  const background: Promise<unknown>[] = [];
  const waitUntil = (work: Promise<unknown>) => void background.push(work.catch(() => undefined));
  const all: Promise<void>[] = [];
  const rate = (LIMIT / WINDOW) * times;
  for (let index = 0; index < locations * isolates; index++) {
    const check = limiter({ kv: kv.at(`location ${index % locations}`), waitUntil, now }, LIMIT, WINDOW);
    const request = async (at: number) => {
      await delay(at);
      requests++;
      try {
        if (await check("caller")) passed.push(began + at);
      } catch {
        failed++;
      }
    };
    all.push(...arrivals(random, rate / (locations * isolates), span).map(request));
  }
  await Promise.all(all);
  await Promise.all(background);
  passed.sort((a, b) => a - b);
  return {
    allowed: passed.length / WINDOWS / LIMIT,
    peak: busiest(passed) / LIMIT,
    failed: failed / requests,
    dollars: dollarsPerMillion(requests, kv.counts),
  };
}

/** The most that any span of one window's length has. */
function busiest(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while (time - (times[first] ?? 0) >= WINDOW * 1000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Ten times the limit at once, in real time; a minute that ends meanwhile is tried again. */
async function native(): Promise<number> {
  const worker = new Miniflare({
    modules: true,
    script: `export default { async fetch(request, env) {
      let passed = 0;
      for (let turn = 0; turn < ${LIMIT * 10}; turn++) if ((await env.LIMIT.limit({ key: request.url })).success) passed++;
      return new Response(String(passed));
    } }`,
    compatibilityDate: "2025-09-01",
    ratelimits: { LIMIT: { simple: { limit: LIMIT, period: WINDOW } } },
  });
  const minute = () => Math.floor(Date.now() / 60_000);
  let passed = Number.NaN;
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = minute();
    const response = await worker.dispatchFetch(`http://worker.test/${attempt}`);
    passed = Number(await response.text());
    if (minute() === before) break;
  }
  await worker.dispose();
  return passed / LIMIT;
}
