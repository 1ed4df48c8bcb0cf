import { Cache, ConfigStore, FeatureFlags, KvStore, Preferences, SessionStore } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";

interface Fields {
  list: string[];
}

/** Each call that stores an object of the caller's, and how to read what it stored. */
const CALLS: Record<string, (kv: MemoryKV, value: Fields) => [call: Promise<unknown>, read: () => Promise<unknown>]> = {
  "KvStore.set": (kv, value) => [new KvStore(kv).set("a", value), () => new KvStore(kv).get("a")],
  "Cache.set": (kv, value) => [new Cache(kv).set("a", value), () => new Cache(kv).get("a")],
  "SessionStore.create": (kv, value) => {
    const sessions = new SessionStore<Fields>(kv);
    const created = sessions.create(value);
    return [created, async () => (await sessions.get((await created).token))?.data];
  },
  "SessionStore.update": (kv) => {
    const sessions = new SessionStore<Fields>(kv);
    const created = sessions.create({ list: [] });
    const updated = created.then(({ token }) => {
      const passed = { list: ["passed"] };
      const call = sessions.update(token, passed);
      passed.list.push("changed");
      return call;
    });
    return [updated, async () => (await sessions.get((await created).token))?.data];
  },
  "FeatureFlags.set": (kv, value) => {
    const flags = new FeatureFlags(kv);
    return [
      flags.set("a", { enabled: true, allowlist: value.list }),
      async () => ({ list: (await flags.get("a"))?.allowlist }),
    ];
  },
  "FeatureFlags.patch": (kv, value) => {
    const flags = new FeatureFlags(kv);
    return [flags.patch("a", { allowlist: value.list }), async () => ({ list: (await flags.get("a"))?.allowlist })];
  },
  "ConfigStore.set": (kv, value) => {
    const config = new ConfigStore<Fields>(kv, { defaults: { list: [] } });
    return [config.set(value), () => config.get()];
  },
  "ConfigStore.patch": (kv, value) => {
    const config = new ConfigStore<Fields>(kv, { defaults: { list: [] } });
    return [config.patch(value), () => config.get()];
  },
  "Preferences.update": (kv, value) => {
    const preferences = new Preferences<Fields>(kv, { defaults: { list: [] } });
    return [preferences.update("ada", value), () => preferences.get("ada")];
  },
};

it.each(Object.entries(CALLS))(
  "%s stores what it was passed, whatever happens to it while it is stored",
  async (_, make) => {
    const value = { list: ["passed"] };
    const [call, read] = make(new MemoryKV(), value);
    value.list.push("changed");
    await call;

    expect(await read()).toEqual({ list: ["passed"] });
  },
);
