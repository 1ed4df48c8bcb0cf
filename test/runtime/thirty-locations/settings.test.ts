import { ConfigStore, FeatureFlags, Preferences } from "../../../src/runtime/index.js";
import type { MemoryKV } from "../../../src/runtime/testing.js";
import { expectBound, longestUntilSeen, world } from "../support/simulation.js";

/** One class in one isolate: what changes it, and what it reads once that is seen. */
interface Settings {
  begin(): Promise<unknown>;
  read(): Promise<unknown>;
  /** Each change, and what {@link read} gives after it. */
  changes: Record<string, [change: () => Promise<unknown>, after: unknown]>;
}

type Make = (kv: MemoryKV, options: { now: () => number; cacheTtl?: number; memoTtl?: number }) => Settings;

const defaults = { color: "blue", size: 1 };

const flags: Make = (kv, options) => {
  const store = new FeatureFlags(kv, options);
  return {
    begin: () => store.set("a", { enabled: true }),
    read: () => store.isEnabled("a"),
    changes: {
      set: [() => store.set("a", { enabled: false }), false],
      patch: [() => store.patch("a", { percentage: 0 }), false],
      delete: [() => store.delete("a"), false],
    },
  };
};

const config: Make = (kv, options) => {
  const store = new ConfigStore(kv, { ...options, defaults });
  return {
    begin: () => store.set({ color: "red", size: 2 }),
    read: () => store.get(),
    changes: {
      set: [() => store.set({ color: "green", size: 3 }), { color: "green", size: 3 }],
      patch: [() => store.patch({ size: 3 }), { color: "red", size: 3 }],
      reset: [() => store.reset(), defaults],
    },
  };
};

const preferences: Make = (kv, options) => {
  const store = new Preferences(kv, { ...options, defaults });
  return {
    begin: () => store.update("ada", { color: "red" }),
    read: () => store.get("ada"),
    changes: {
      update: [() => store.update("ada", { size: 2 }), { color: "red", size: 2 }],
      "reset of one": [() => store.reset("ada", "color"), defaults],
      reset: [() => store.reset("ada"), defaults],
    },
  };
};

const CASES: [name: string, make: Make, options: { cacheTtl?: number; memoTtl?: number }, bound: number][] = [
  ["FeatureFlags", flags, {}, 90],
  ["FeatureFlags with cacheTtl 30 and memoTtl 9", flags, { cacheTtl: 30, memoTtl: 9 }, 39],
  ["FeatureFlags without a memo", flags, { memoTtl: 0 }, 60],
  ["ConfigStore", config, {}, 90],
  ["ConfigStore with cacheTtl 30 and memoTtl 9", config, { cacheTtl: 30, memoTtl: 9 }, 39],
  ["Preferences", preferences, {}, 60],
];

/** What docs/runtime.md promises of flags and settings in seconds, seen by thirty locations whose reads are as old as KV lets them be. */
describe.each(CASES)("%s in thirty locations", (_, make, more, bound) => {
  it.each(Object.keys(make(world().kv, { now: Date.now }).changes))(
    "sees %s within its bound, and at once in its own isolate",
    async (name) => {
      const all = world();
      const options = { now: all.clock, ...more };
      const first = make(all.kv, options);
      const others = all.isolates().map((kv) => make(kv, options));
      const [act, after] = first.changes[name] ?? [() => Promise.resolve(), undefined];
      await first.begin();
      all.clock.advance(1);
      expect(await first.read()).not.toEqual(after);
      const change = async () => {
        await act();
        expect(await first.read()).toEqual(after);
      };
      const seen = await longestUntilSeen(all, bound, others, change, async (settings) => {
        return JSON.stringify(await settings.read()) === JSON.stringify(after);
      });

      expectBound(seen, bound);
    },
  );
});
