import { existsSync, readFileSync } from "node:fs";
import { checkEntries } from "../../src/data/entries.js";
import { KeySet } from "../../src/data/key-set.js";
import { seed } from "../../src/data/seed.js";
import type { SeedOptions, SeedResult } from "../../src/data/seed-options.js";
import { accountId, kvApi, testClock } from "../support/kv-api-target.js";
import { tempDirs } from "../support/temp-dir.js";

// Thousands of entries over real sockets, on machines that do other things beside.
jest.setTimeout(30_000);

const temp = tempDirs();
const api = kvApi();
const clock = testClock();

const numbered = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: `v${at}` }));
const contentsOf = (entries: readonly { key: string; value: string }[]) =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));

function ndjson(entries: readonly object[], name = "seed.ndjson"): string {
  return temp.write(name, entries.map((entry) => JSON.stringify(entry)).join("\n"));
}

interface RunOptions extends Partial<Omit<SeedOptions, "prune">> {
  readonly prune?: { readonly prefix?: string };
}

async function run(id: string, file: string, { prune, ...options }: RunOptions = {}): Promise<SeedResult> {
  const journal = temp.path("journal", id);
  const wanted = new KeySet();
  return seed(api.namespace(id), await checkEntries([file], { now: clock.now() }, wanted), {
    journal,
    place: id,
    clock,
    ...options,
    ...(prune && { prune: { wanted, ...prune } }),
  });
}

describe("a seed", () => {
  it("writes every entry with all it carries", async () => {
    const id = api.server().addNamespace("n");
    const expiration = clock.now() + 3600;
    const file = ndjson([
      { key: "a/é ?", value: "text", metadata: { n: 1 } },
      { key: "b", value: "AP8=", base64: true, expiration },
      { key: "c", value: "x", expiration_ttl: 120 },
    ]);

    const result = await run(id, file);

    expect(result).toEqual({
      entries: 3,
      written: 3,
      resumed: 0,
      unchanged: 0,
      expired: 0,
      deleted: 0,
      missing: [],
      missingCount: 0,
      verified: false,
    });
    expect([...(api.server().namespaces.get(id)?.entries ?? [])]).toEqual([
      ["a/é ?", { value: Buffer.from("text"), metadata: { n: 1 } }],
      ["b", { value: Buffer.of(0, 0xff), expiration }],
      ["c", { value: Buffer.from("x"), expiration: expect.closeTo(clock.now() + 120, -1) as number }],
    ]);
  });

  it("gives entries that name no expiry the namespace's lifetime", async () => {
    const id = api.server().addNamespace("n");
    const expiration = clock.now() + 9000;

    await run(
      id,
      ndjson([
        { key: "a", value: "" },
        { key: "b", value: "", expiration },
      ]),
      { ttlSeconds: 600 },
    );

    const entries = api.server().namespaces.get(id)?.entries;
    expect(entries?.get("a")?.expiration).toBeCloseTo(clock.now() + 600, -1);
    expect(entries?.get("b")?.expiration).toBe(expiration);
  });

  it("takes the fewest requests that the limit on pairs allows", async () => {
    const id = api.server().addNamespace("n");
    const entries = numbered(20_001);

    await run(id, ndjson(entries));

    expect(api.requests()).toEqual({ "PUT bulk": 3 });
    expect(api.contents(id)).toEqual(contentsOf(entries));
  });

  it("sends keys again that Cloudflare could not store", async () => {
    const id = api.server().addNamespace("n");
    const odd = { kind: "partial", fails: (key: string) => /[13579]$/.test(key) } as const;
    api.failing(odd, odd);

    const result = await run(id, ndjson(numbered(10)), { clock });

    expect(result).toMatchObject({ written: 10, missingCount: 0 });
    expect(api.contents(id)).toEqual(contentsOf(numbered(10)));
    expect(api.server().requests.map(({ body }) => (JSON.parse(body.toString()) as unknown[]).length)).toEqual([
      10, 5, 5,
    ]);
    expect(clock.waited.slice(-2)).toEqual([1, 2]);
  });

  it("names the keys that were accepted in no round, with their lines, and keeps its journal", async () => {
    const id = api.server().addNamespace("n");
    api.server().fault = () => ({ kind: "partial", fails: (key) => key === "k3" });
    const file = ndjson(numbered(5));

    const result = await run(id, file);

    expect(result).toMatchObject({
      written: 4,
      missingCount: 1,
      missing: [{ key: "k3", file, line: 4, reason: "not accepted" }],
    });
    expect(JSON.parse(readFileSync(result.missingFile ?? "", "utf8"))).toEqual(result.missing[0]);

    api.server().fault = () => undefined;
    expect(await run(id, file, { resume: true })).toMatchObject({ written: 1, resumed: 4, missingCount: 0 });
    expect(api.contents(id)).toEqual(contentsOf(numbered(5)));
    expect(existsSync(temp.path("journal", id)) || existsSync(result.missingFile ?? "")).toBe(false);
  });

  it("finds the one entry that Cloudflare refuses, and writes all others", async () => {
    const id = api.server().addNamespace("n");
    api.server().fault = ({ body }) => (body.includes('"k1234"') ? { kind: "answer", status: 400 } : undefined);

    const result = await run(id, ndjson(numbered(10_000)));

    expect(result).toMatchObject({
      written: 9999,
      missingCount: 1,
      missing: [{ key: "k1234", reason: "refused by Cloudflare" }],
    });
    expect(api.requests()["PUT bulk"]).toBeLessThanOrEqual(50);
  });

  it("ends with what was accepted when Cloudflare stops answering", async () => {
    const id = api.server().addNamespace("n");
    let bulks = 0;
    api.server().fault = () => (++bulks > 1 ? { kind: "answer", status: 500 } : undefined);

    const result = await run(id, ndjson(numbered(30_000)));

    expect(result).toMatchObject({
      written: 10_000,
      missingCount: 20_000,
      stopped: { code: "CLOUDFLARE_UNAVAILABLE" },
    });
    expect(
      readFileSync(result.missingFile ?? "", "utf8")
        .trimEnd()
        .split("\n"),
    ).toHaveLength(20_000);
  });

  it("throws when nothing was accepted at all", async () => {
    await expect(run("f".repeat(32), ndjson(numbered(1)))).rejects.toMatchObject({ code: "NAMESPACE_NOT_FOUND" });
  });

  it("does not send an entry that expired in the meantime", async () => {
    const id = api.server().addNamespace("n");
    const file = ndjson([
      { key: "a", value: "", expiration: clock.now() + 60 },
      { key: "b", value: "" },
    ]);
    const later = { ...clock, now: () => clock.now() + 30 };

    const result = await run(id, file, { clock: later });

    expect(result).toMatchObject({ written: 1, missingCount: 1, missing: [{ key: "a" }] });
  });

  it("leaves out entries that have expired, when asked to", async () => {
    const id = api.server().addNamespace("n");
    const file = ndjson([
      { key: "a", value: "", expiration: 5 },
      { key: "b", value: "" },
    ]);

    await expect(run(id, file)).rejects.toMatchObject({ code: "ENTRIES_INVALID" });
    const checked = await checkEntries([file], { skipExpired: true });
    const result = await seed(api.namespace(id), checked, { journal: temp.path("j"), place: id, clock });

    expect(result).toMatchObject({ entries: 1, written: 1, expired: 1 });
    expect(api.contents(id)).toEqual({ b: "" });
  });

  it("writes only what differs, when asked to", async () => {
    const id = api.server().addNamespace("n", { k0: "v0", k1: "other", k2: "v2" });

    const result = await run(id, ndjson(numbered(4)), { onlyChanges: true });

    expect(result).toMatchObject({ written: 2, unchanged: 2 });
    expect(api.requests()).toEqual({ "GET keys": 1, "POST bulk/get": 1, "PUT bulk": 1 });
    expect(api.contents(id)).toEqual(contentsOf(numbered(4)));
  });
});

describe("pruning", () => {
  it("deletes what is not in the files, within a prefix", async () => {
    const id = api.server().addNamespace("n", { "a:1": "", "a:2": "", "b:1": "" });

    const result = await run(id, ndjson([{ key: "a:2", value: "new" }]), { prune: { prefix: "a:" } });

    expect(result).toMatchObject({ written: 1, deleted: 1 });
    expect(api.contents(id)).toEqual({ "a:2": "new", "b:1": "" });
  });

  it("takes one request for 10,000 keys", async () => {
    const id = api.server().addNamespace("n", contentsOf(numbered(12_000)));

    expect(await run(id, ndjson([{ key: "only", value: "" }]), { prune: {} })).toMatchObject({ deleted: 12_000 });
    expect(api.contents(id)).toEqual({ only: "" });
    expect(api.requests()).toEqual({ "PUT bulk": 1, "GET keys": 13, "POST bulk/delete": 2 });
  });

  it("is refused when there is nothing to keep", async () => {
    const id = api.server().addNamespace("n", { a: "" });

    await expect(run(id, ndjson([]), { prune: {} })).rejects.toMatchObject({ code: "SEED_PRUNE_EMPTY" });
    expect(api.contents(id)).toEqual({ a: "" });
  });

  it("does not begin while an entry is missing", async () => {
    const id = api.server().addNamespace("n", { old: "" });
    api.server().fault = () => ({ kind: "partial", fails: (key) => key === "k0" });

    expect(await run(id, ndjson(numbered(2)), { prune: {} })).toMatchObject({ deleted: 0, missingCount: 1 });
    expect(api.contents(id)).toEqual({ k1: "v1", old: "" });
  });

  it("names the keys that could not be deleted", async () => {
    const id = api.server().addNamespace("n", { old: "", older: "" });
    api.server().fault = ({ path }) =>
      path.endsWith("/delete") ? { kind: "partial", fails: (key) => key === "old" } : undefined;

    const result = await run(id, ndjson(numbered(1)), { prune: {} });

    expect(result).toMatchObject({ deleted: 1, missing: [{ key: "old", reason: "not deleted" }] });
  });
});

describe("verifying", () => {
  it("proves what was written by reading it back", async () => {
    const id = api.server().addNamespace("n", { stray: "" });
    const bytes = { key: "bytes", value: "AP8=", base64: true, metadata: [1], expiration: clock.now() + 99 };
    const file = ndjson([...numbered(250), bytes, { key: "replaced", value: "\uFFFD" }]);

    expect(await run(id, file, { verify: true, prune: {}, ttlSeconds: 600 })).toMatchObject({
      written: 252,
      verified: true,
    });
    expect(api.requests()).toMatchObject({ "GET values/bytes": 1, "GET values/replaced": 1 });
  });

  it("finds what another writer changed, after giving it time to be seen", async () => {
    const id = api.server().addNamespace("n");
    const entries = api.server().namespaces.get(id)?.entries;
    api.server().fault = ({ path }) => {
      if (path.endsWith("/keys")) entries?.set("k1", { value: Buffer.from("other") });
      return undefined;
    };

    const result = await run(id, ndjson(numbered(3)), { verify: true });

    expect(result).toMatchObject({
      verified: false,
      missing: [{ key: "k1", reason: "differs from the file when read back" }],
    });
    expect(clock.waited.slice(-6)).toEqual([1, 2, 4, 8, 16, 32]);
  });
});

describe("a journal", () => {
  it("is not gone by when what it calls accepted is not there", async () => {
    const id = api.server().addNamespace("n");
    const entries = api.server().namespaces.get(id)?.entries;
    const file = ndjson(numbered(3));
    api.server().fault = ({ path }) => {
      if (path.endsWith("/keys")) entries?.delete("k1");
      return undefined;
    };
    expect(await run(id, file, { verify: true })).toMatchObject({ verified: false });
    api.failing();

    expect(await run(id, file, { resume: true, verify: true })).toMatchObject({ written: 3, verified: true });
    expect(api.contents(id)).toEqual(contentsOf(numbered(3)));
  });

  async function interrupted(id: string, file: string): Promise<void> {
    api.failing(undefined, ...Array.from({ length: 20 }, () => ({ kind: "answer", status: 500 }) as const));
    expect(await run(id, file)).toMatchObject({ written: 10_000, stopped: { code: "CLOUDFLARE_UNAVAILABLE" } });
    api.failing();
    api.server().requests.length = 0;
  }

  it("lets a run go on where it was interrupted", async () => {
    const id = api.server().addNamespace("n");
    const file = ndjson(numbered(20_000));
    await interrupted(id, file);

    expect(await run(id, file, { resume: true })).toMatchObject({ resumed: 10_000, written: 10_000 });
    expect(api.requests()).toEqual({ "PUT bulk": 1 });
    expect(api.contents(id)).toEqual(contentsOf(numbered(20_000)));
  });

  it("of other files is not continued", async () => {
    const id = api.server().addNamespace("n");
    const file = ndjson(numbered(20_000));
    await interrupted(id, file);
    ndjson([...numbered(19_999), { key: "new", value: "x" }]);

    await expect(run(id, file, { resume: true })).rejects.toMatchObject({ code: "SEED_JOURNAL_OTHER" });
    await expect(run(id, file, { resume: true, place: accountId })).rejects.toMatchObject({
      code: "SEED_JOURNAL_OTHER",
    });
    expect(await run(id, file)).toMatchObject({ resumed: 0, written: 20_000 });
  });

  it("cut off in the middle of a line counts up to the line before", async () => {
    const id = api.server().addNamespace("n");
    const file = ndjson(numbered(20_000));
    await interrupted(id, file);
    const journal = readFileSync(temp.path("journal", id), "utf8").trimEnd();
    temp.write(`journal/${id}`, journal.slice(0, -5));

    expect(await run(id, file, { resume: true })).toMatchObject({ resumed: 0, written: 20_000 });
  });

  it("holds neither keys nor values", async () => {
    const id = api.server().addNamespace("n");
    await interrupted(id, ndjson(numbered(20_000)));

    expect(readFileSync(temp.path("journal", id), "utf8")).not.toMatch(/[kv]\d/);
  });
});
