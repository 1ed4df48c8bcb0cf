import { Cache } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";

/** KV that refuses a second write within a second, and a put that arrives only when the test lets it. */
function setUp() {
  const held: (() => void)[] = [];
  let isHolding = false;
  const kv = new MemoryKV({
    writeLimit: true,
    before: ({ op }) => (op === "put" && isHolding ? new Promise<void>((resolve) => held.push(resolve)) : undefined),
  });
  const later = background();
  const errors: string[] = [];
  const onError = ({ code }: { code: string }) => void errors.push(code);
  return {
    kv,
    later,
    errors,
    cache: new Cache(kv, { waitUntil: later.waitUntil, onError }),
    hold: () => {
      isHolding = true;
    },
    release: () => {
      isHolding = false;
      for (const arrive of held.splice(0)) arrive();
    },
  };
}

/** Lets time pass until the work is done: nothing sleeps. */
async function done<T>(work: Promise<T>): Promise<T> {
  let isOver = false as boolean;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  for (let turn = 0; turn < 100 && !isOver; turn++) await jest.advanceTimersByTimeAsync(100);
  return work;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const REMOVALS = {
  delete: (cache: Cache) => cache.delete("a"),
  set: (cache: Cache) => cache.set("a", "new"),
  invalidatePrefix: (cache: Cache) => cache.invalidatePrefix("a").then(() => undefined),
} as const;
const left = { delete: null, set: "new", invalidatePrefix: null };

describe("a value that was deleted or replaced", () => {
  it.each(Object.keys(REMOVALS) as (keyof typeof REMOVALS)[])(
    "does not return from a put under way (%s)",
    async (name) => {
      const { kv, cache, later, hold, release } = setUp();
      hold();
      await cache.getOrSet("a", () => "old");
      const removed = REMOVALS[name](cache);
      release();
      await done(removed);
      await done(later.settled());

      expect(await kv.get("a", "json")).toBe(left[name]);
    },
  );

  it.each(Object.keys(REMOVALS) as (keyof typeof REMOVALS)[])(
    "does not return from a put that is tried again (%s)",
    async (name) => {
      const { kv, cache, later } = setUp();
      await kv.put("a", '"x"');
      await kv.delete("a");
      await cache.getOrSet("a", () => "old");
      await jest.advanceTimersByTimeAsync(0);
      await done(REMOVALS[name](cache));
      await done(later.settled());

      expect(await kv.get("a", "json")).toBe(left[name]);
    },
  );

  it.each(["warm", "background refresh"])("does not return from a load that began before (%s)", async (kind) => {
    const { kv, cache, later } = setUp();
    const gate: { open?: () => void } = {};
    const load = () =>
      new Promise<string>((resolve) => {
        gate.open = () => resolve("old");
      });
    let work: Promise<unknown> | undefined;
    if (kind === "warm") {
      work = cache.warm([{ key: "a", load }]);
    } else {
      await kv.put("a", '"older"', { metadata: { c: [1, 2, null], d: 0 } });
      expect(await cache.getOrSet("a", load, { swr: Infinity })).toBe("older");
    }
    await jest.advanceTimersByTimeAsync(0);
    await done(cache.delete("a"));
    gate.open?.();
    await work;
    await done(later.settled());

    expect(await kv.get("a")).toBeNull();
  });

  it("does not return in memory what was read while it was being deleted", async () => {
    const plain = new MemoryKV();
    await plain.put("a", "1");
    // A delete that takes as long as one over a network does.
    const slow = async (key: string) => {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      await plain.delete(key);
    };
    const kv = new Proxy(plain, {
      get(target, name) {
        if (name === "delete") return slow;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const cache = new Cache(kv, { l1: { ttl: 60, max: 10 } });
    const deleted = cache.delete("a");
    expect(await cache.get("a")).toBe(1);
    await deleted;

    expect(await cache.get("a")).toBeUndefined();
  });

  it("does not return from memory, where a read that began before would keep it", async () => {
    const held: { arrive?: () => void } = {};
    const kv = new MemoryKV({
      before: ({ op }) => (op === "get" ? new Promise<void>((resolve) => (held.arrive = resolve)) : undefined),
    });
    const cache = new Cache(kv, { l1: { ttl: 60, max: 10 } });
    await kv.put("a", '"old"');
    const reading = cache.get("a");
    held.arrive?.();
    const deleted = cache.delete("a");
    await Promise.all([reading, deleted]);
    const again = cache.get("a");
    held.arrive?.();

    expect(await again).toBeUndefined();
  });

  it("is expired after the writes that were called before it, never over them", async () => {
    const { kv, cache, hold, release } = setUp();
    await cache.set("a", "first");
    await jest.advanceTimersByTimeAsync(1001);
    hold();
    const set = cache.set("a", "second");
    const expired = cache.expire("a");
    release();
    await done(Promise.all([set, expired]));

    expect(await kv.get("a", "json")).toBe("second");
  });
});

describe("writes within a second of each other", () => {
  it("are all taken: set, delete, expire and invalidateTags are tried again, never refused", async () => {
    const { cache, errors, kv } = setUp();
    await cache.set("a", 1, { tags: ["t"] });
    await done(cache.set("a", 2, { tags: ["t"] }));
    expect(await kv.get("a", "json")).toBe(2);
    expect(await done(cache.expire("a"))).toBe(true);
    await done(cache.delete("a"));
    await done(Promise.all([cache.invalidateTags("t"), cache.invalidateTags("t")]));

    expect([await kv.get("a"), errors]).toEqual([null, []]);
  });

  it("end in a delete where another isolate keeps writing the key", async () => {
    const { cache, errors, kv } = setUp();
    await kv.put("a", '"theirs"');
    kv.fail("put", 429);
    await done(cache.set("a", "ours"));

    expect([await kv.get("a"), errors]).toEqual([null, ["RATE_LIMITED"]]);
  });
});
