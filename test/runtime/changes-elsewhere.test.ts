import { ConfigStore, FeatureFlags, Preferences } from "../../src/runtime/index.js";
import { forgetIsolate } from "../../src/runtime/testing.js";
import { LOCATIONS, world } from "./support/simulation.js";

/** A class in each location, as a change of one field and a look at what is stored. */
const CLASSES = {
  "FeatureFlags.patch": (kv: ReturnType<typeof world>["kv"], now: () => number) => {
    const flags = new FeatureFlags(kv, { now, cacheTtl: 600, memoTtl: 0 });
    return {
      look: () => flags.isEnabled("a"),
      first: () => flags.patch("a", { percentage: 50 }),
      second: () => flags.patch("a", { enabled: true }),
    };
  },
  "ConfigStore.patch": (kv: ReturnType<typeof world>["kv"], now: () => number) => {
    const config = new ConfigStore(kv, {
      now,
      cacheTtl: 600,
      memoTtl: 0,
      defaults: { percentage: 100, enabled: false },
    });
    return {
      look: () => config.get(),
      first: () => config.patch({ percentage: 50 }),
      second: () => config.patch({ enabled: true }),
    };
  },
  "Preferences.update": (kv: ReturnType<typeof world>["kv"], now: () => number) => {
    const prefs = new Preferences(kv, { now, defaults: { percentage: 100, enabled: false } });
    return {
      look: () => prefs.get("ada"),
      first: () => prefs.update("ada", { percentage: 50 }),
      second: () => prefs.update("ada", { enabled: true }),
    };
  },
};

describe.each(Object.entries(CLASSES))("%s", (_, make) => {
  /** What is stored when one location changes a field and another one another field, so many seconds later. */
  async function after(seconds: number, index: number): Promise<unknown> {
    forgetIsolate();
    const all = world();
    const here = make(all.kv, all.clock);
    const there = make(all.kv.at(`location ${index}`), all.clock);
    await there.look();
    await here.first();
    all.clock.advance(seconds);
    return there.second();
  }

  it("keeps what another location changed 30 seconds before, however long reads are cached", async () => {
    for (let index = 0; index < LOCATIONS; index++) {
      expect(await after(30, index)).toMatchObject({ percentage: 50, enabled: true });
    }
  });

  it("may undo what another location changed less than 30 seconds before, as the page says", async () => {
    expect(await after(29, 0)).not.toMatchObject({ percentage: 50 });
  });
});
