import { Cache, KvStore, type KvCall } from "../../src/runtime/index.js";
import { forgetIsolate, isolateState, nameBinding } from "../../src/runtime/isolate-state.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";

/** An environment as tracing libraries wrap it: another proxy at each read, and no answer for what is not there. */
function traced<Env extends object>(env: Env): Env {
  return new Proxy(env, {
    get(target, name) {
      if (!(name in target)) throw new Error(`no binding ${String(name)}`);
      const binding = Reflect.get(target, name) as object;
      return new Proxy(binding, {
        get: (kv, method) => {
          const member: unknown = Reflect.get(kv, method);
          return typeof member === "function" ? (member.bind(kv) as unknown) : member;
        },
      });
    },
  });
}

describe("what an isolate remembers", () => {
  beforeEach(() => forgetIsolate());

  it("is shared by objects of one binding name, whatever a tracing library makes of the binding", async () => {
    const env = traced({ CACHE: new MemoryKV() });
    let loads = 0;
    const load = async () => {
      await Promise.resolve();
      return ++loads;
    };
    await Promise.all(Array.from({ length: 20 }, () => Cache.fromEnv(env, "CACHE").getOrSet("a", load)));

    expect(loads).toBe(1);
    expect(Cache.fromEnv(env, "CACHE").stats.coalesced).toBe(19);
  });

  it("is not shared by namespaces in memory of the same name, nor after it was forgotten", () => {
    const count = (binding: object) => {
      nameBinding(binding, "KV");
      return isolateState(binding, "count", () => ({ count: 0 })).count++;
    };
    const kv = new MemoryKV();
    expect([count(kv), count(kv), count(new MemoryKV()), count(kv.at("there"))]).toEqual([0, 1, 0, 0]);
    expect([count({}), count({})]).toEqual([0, 1]);
    forgetIsolate();
    expect(count({})).toBe(0);
  });

  it("is bounded in number: 100,000 tenants leave 500 states", async () => {
    const kv = new MemoryKV();
    const make = jest.fn(() => ({}));
    for (let tenant = 0; tenant < 100_000; tenant++) isolateState(kv, `tenant ${tenant}`, make);
    make.mockClear();
    for (let tenant = 99_500; tenant < 100_000; tenant++) isolateState(kv, `tenant ${tenant}`, make);
    expect(make).not.toHaveBeenCalled();
    isolateState(kv, "tenant 0", make);
    expect(make).toHaveBeenCalledTimes(1);

    const used = new Cache(kv, { prefix: "used" });
    await used.get("a");
    for (let tenant = 0; tenant < 400; tenant++) new Cache(kv, { prefix: `tenant ${tenant}` });
    expect(new Cache(kv, { prefix: "used" }).stats.miss).toBe(1);
  });
});

describe("onOperation", () => {
  it("sees every operation, with its size, time and outcome, and no key", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock, before: () => clock.advance(0.25) });
    const calls: KvCall[] = [];
    const store = KvStore.fromEnv({ NOTES: kv }, "NOTES", {
      prefix: "note",
      now: clock,
      onOperation: (call) => void calls.push(call),
    });
    await store.set("1", "é");
    await store.get("1");
    await store.get("2");
    await store.getMany(["1", "2"]);
    await store.list();
    await store.delete("1");
    kv.fail("get", 503);
    await store.has("1").catch(() => undefined);

    expect(calls.map(({ op, keys, bytes, outcome }) => [op, keys, bytes, outcome])).toEqual([
      ["put", 1, 4, "ok"],
      ["get", 1, 4, "ok"],
      ["get", 1, 0, "missing"],
      ["get", 2, 4, "ok"],
      ["list", 1, 0, "ok"],
      ["delete", 1, 0, "ok"],
      ["get", 1, 0, "UNAVAILABLE"],
    ]);
    expect(calls.every(({ ms, prefix, binding }) => ms === 250 && prefix === "note:" && binding === "NOTES")).toBe(
      true,
    );
    expect(calls[1]?.start).toBe((calls[0]?.start ?? 0) + 250);
    expect(JSON.stringify(calls)).not.toContain("note:1");
  });
});
