import fc from "fast-check";
import { Cache } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

/** The long run: `LONG_HISTORIES=1 npx jest histories`. */
const RUNS = process.env.LONG_HISTORIES === undefined ? 300 : 10_000;

/** Seconds until every location and isolate has seen what was written: the memo and the shortest cacheTtl of tags, or cacheTtl. */
const BOUND = 60;
/** What an isolate keeps in memory, in the histories that have it, lasts so much longer. */
const L1 = { ttl: 10, max: 100 };
const TAGS = ["t", "u"] as const;

type Action = { op: "load" | "set" | "get" | "delete" | "expire"; tags: string[] } | { op: "invalidate"; tag: string };

/** What one isolate does to one key, all of it at once, or something that happens to all. */
type Step = { place: number; key: string; actions: Action[] } | { wait: number } | { broken: boolean };

const tags = fc.subarray([...TAGS]);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom("load" as const, "get" as const), tags }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constantFrom("set" as const, "delete" as const, "expire" as const), tags }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("invalidate" as const), tag: fc.constantFrom(...TAGS) }) },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        place: fc.nat(3),
        key: fc.constantFrom("a", "a", "a", "b"),
        actions: fc.array(action, { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ wait: fc.constantFrom(0.2, 1, 5, 25, 31, 61, 200) }) },
    { weight: 1, arbitrary: fc.record({ broken: fc.boolean() }) },
  ),
  { minLength: 10, maxLength: 60 },
);

/** What was written: its number is its value. */
interface Version {
  key: string;
  at: number;
  tags: string[];
  /** When it was deleted, replaced or invalidated, in which isolate, and by which call. */
  ended: { at: number; place: number; call: number }[];
}

/**
 * The model. A value may be served when it was written to that key and either nobody has ended it, or it ended in
 * another isolate less than `bound` seconds ago. The isolate that ended it does not serve it to calls that begin later.
 */
class Model {
  readonly versions: Version[] = [];
  calls = 0;

  constructor(readonly bound: number) {}

  write(key: string, tags: string[], at: number): number {
    return this.versions.push({ key, at, tags, ended: [] }) - 1;
  }

  /** Ends versions once `work` is done: what is asked meanwhile may see either. */
  async end(which: (version: Version, index: number) => boolean, at: number, place: number, work: Promise<unknown>) {
    const ended = this.versions.filter(which);
    await work;
    const call = ++this.calls;
    for (const version of ended) version.ended.push({ at, place, call });
  }

  /** An isolate that expires a key may write back what it still sees: then it ends a second time, in no isolate. */
  revive(key: string, now: number, place: number): void {
    for (const version of this.versions) {
      const isSeen = version.ended.every((end) => end.place !== place && now - end.at < this.bound * 1000);
      if (version.key !== key || version.ended.length === 0 || !isSeen) continue;
      version.ended = version.ended.map(({ call }) => ({ at: now, place: -1, call }));
    }
  }

  /** Why the answer to a call, which began as the one with this number, is wrong. */
  problem(value: unknown, key: string, now: number, place: number, began: number): string | undefined {
    const version = typeof value === "number" ? this.versions[value] : undefined;
    if (version === undefined) return `${String(value)} was never written`;
    if (version.key !== key) return `${String(value)} was written to another key`;
    for (const { at, place: where, call } of version.ended) {
      if (where === place && call <= began) return `${String(value)} ended in this isolate`;
      if (now - at >= this.bound * 1000) return `${String(value)} ended ${(now - at) / 1000} s ago`;
    }
    return undefined;
  }
}

/** A history as it happens: two isolates in one location, and one in each of two others. */
async function play(history: readonly Step[], keeps: boolean): Promise<void> {
  const clock = testClock();
  const kv = new MemoryKV({ clock, eventual: true });
  const later = background();
  const common = { now: clock, jitter: 0, earlyRefresh: 0, ttl: 3600, swr: 30 };
  const settings = { ...common, waitUntil: later.waitUntil, onError: () => undefined, l1: keeps && L1 };
  const caches = ["here", "here", "there", "far"].map((name) => new Cache(kv.at(name), settings));
  const model = new Model(BOUND + (keeps ? L1.ttl : 0));

  const act = async (action: Action, place: number, key: string): Promise<void> => {
    const cache = caches[place] as Cache;
    const check = (value: unknown, began: number) => {
      const problem = value === undefined ? undefined : model.problem(value, key, clock(), place, began);
      if (problem !== undefined) throw new Error(problem);
    };
    const began = model.calls;
    switch (action.op) {
      case "get":
        check(await cache.get(key), began);
        return;
      case "load": {
        // It ends nothing: other isolates may have loaded later.
        const load = async () => {
          const made = model.write(key, action.tags, clock());
          await Promise.resolve();
          return made;
        };
        check(await cache.getOrSet(key, load, { tags: action.tags }), began);
        return;
      }
      case "set": {
        const made = model.write(key, action.tags, clock());
        const set = cache.set(key, made, { tags: action.tags });
        await model.end((version, index) => version.key === key && index < made, clock(), place, set);
        return;
      }
      case "delete":
        await model.end((version) => version.key === key, clock(), place, cache.delete(key));
        return;
      case "invalidate":
        await model.end(({ tags }) => tags.includes(action.tag), clock(), place, cache.invalidateTags(action.tag));
        return;
      case "expire":
        await cache.expire(key);
        model.revive(key, clock(), place);
    }
  };

  for (const step of history) {
    if ("wait" in step) clock.advance(step.wait);
    else if ("broken" in step && step.broken) kv.fail("get", 503);
    else if ("broken" in step) kv.heal();
    else {
      await Promise.all(step.actions.map((action) => act(action, step.place, step.key)));
      await later.settled();
      // Isolates act one after the other: what a load of one stores after another's delete is not promised.
      clock.advance(0.001);
    }
  }
}

describe("the cache in random histories", () => {
  it("serves only what was written to the key and did not end here, nor elsewhere a minute ago", async () => {
    await fc.assert(fc.asyncProperty(steps, fc.boolean(), play), { numRuns: RUNS });
  }, 3_600_000);
});
