import { MemoryKV } from "../../../src/runtime/testing.js";

describe("MemoryKV", () => {
  it("expires keys on its clock", async () => {
    let now = 0;
    const kv = new MemoryKV({ clock: () => now });
    await kv.put("a", "1", { expirationTtl: 60 });
    now = 59_999;
    expect(await kv.get("a")).toBe("1");
    now = 60_000;
    expect([await kv.get("a"), (await kv.list()).keys]).toEqual([null, []]);
  });

  it("lets another location see an old value, or none, for cacheTtl", async () => {
    let now = 0;
    const here = new MemoryKV({ clock: () => now, eventual: true });
    const there = here.at("there");
    expect(await there.get("a")).toBeNull();
    await here.put("a", "1");
    expect([await here.get("a"), await there.get("a")]).toEqual(["1", null]);
    now = 30_000;
    expect(await there.get("a", { cacheTtl: 30 })).toBe("1");
    await here.delete("a");
    expect(await there.get("a")).toBe("1");
    now = 90_000;
    expect(await there.get("a")).toBeNull();
  });

  it("takes one write a second per key with writeLimit", async () => {
    let now = 0;
    const kv = new MemoryKV({ clock: () => now, writeLimit: true });
    await kv.put("a", "1");
    await expect(kv.put("a", "2")).rejects.toThrow("KV PUT failed: 429 Too Many Requests");
    await kv.put("b", "1");
    now = 1000;
    await kv.put("a", "2");
    expect(await kv.get("a")).toBe("2");
  });

  it("fails as asked, for as long as asked", async () => {
    const kv = new MemoryKV();
    kv.fail("get", 503, 1);
    await expect(kv.get("a")).rejects.toThrow("KV GET failed: 503");
    expect(await kv.get("a")).toBeNull();
    kv.fail("list", new Error("mine"));
    await expect(kv.list()).rejects.toThrow("mine");
    kv.heal();
    await expect(kv.list()).resolves.toMatchObject({ keys: [] });
  });

  it("counts what Cloudflare bills, and runs a hook before each operation", async () => {
    const seen: string[] = [];
    const kv = new MemoryKV({ before: ({ op, keys, location }) => void seen.push(`${location} ${op} ${keys.join()}`) });
    await kv.put("a", "1");
    await kv.at("there").get(["a", "b"]);
    await kv.delete("a");
    await kv.list();

    expect(kv.counts).toEqual({ reads: 2, writes: 1, deletes: 1, lists: 1, subrequests: 4 });
    expect(seen).toEqual(["here put a", "there get a,b", "here delete a", "here list "]);
  });
});
