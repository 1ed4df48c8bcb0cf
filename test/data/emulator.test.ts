import { CloudflareClient } from "../../src/cloudflare/client.js";
import { copyEntries } from "../../src/data/copy.js";
import { checkEntries } from "../../src/data/entries.js";
import { exportToFile } from "../../src/data/export.js";
import { KeySet } from "../../src/data/key-set.js";
import { seed } from "../../src/data/seed.js";
import type { SeedOptions, SeedResult } from "../../src/data/seed-options.js";
import { type Emulator, startEmulator } from "../../src/local/emulator/emulator.js";
import { accountId, impatient, testClock } from "../support/kv-api-target.js";
import { tempDirs } from "../support/temp-dir.js";

// The real runtime starts with each test.
jest.setTimeout(120_000);

const temp = tempDirs();
const clock = testClock();
let emulator: Emulator;
let client: CloudflareClient;
beforeEach(async () => {
  emulator = await startEmulator();
  client = new CloudflareClient({ token: "any", accountId, baseUrl: emulator.baseUrl }, impatient);
});
afterEach(() => emulator.close());

/** What KV can hold, in one file: every kind of value, and the keys that clients get wrong. */
const odd = [
  ...["a/b", "%2F", "^", "é/日本", "?", "#", "\u0001\u001f", "a b+c", "..."].map((key) => ({ key, value: key })),
  { key: "bytes", value: "AP/+", base64: true, metadata: { type: "image/png" } },
  { key: "replacement", value: "\uFFFD" },
  { key: "empty", value: "" },
  { key: "later", value: "x", expiration: clock.now() + 90_000, metadata: [1, null, "é"] },
  { key: "brief", value: "x", expiration_ttl: 7200 },
];
const many = Array.from({ length: 1100 }, (_, at) => ({ key: `k${at}`, value: `v${at}` }));

async function seedFile(
  id: string,
  entries: readonly object[],
  { prune, ...options }: Partial<Omit<SeedOptions, "prune">> & { readonly prune?: object } = {},
): Promise<SeedResult> {
  const wanted = new KeySet();
  const file = temp.write("seed.ndjson", entries.map((entry) => JSON.stringify(entry)).join("\n"));
  return seed(client.namespace(id), await checkEntries([file], {}, wanted), {
    journal: temp.path("j"),
    place: id,
    clock,
    ...options,
    ...(prune && { prune: { wanted } }),
  });
}

describe("on the emulator", () => {
  it("every kind of entry is seeded and read back", async () => {
    const { id } = await client.createNamespace("n");

    expect(await seedFile(id, [...odd, ...many], { verify: true, prune: {} })).toMatchObject({
      written: odd.length + many.length,
      verified: true,
    });
  });

  it("an export seeds another namespace with the same, and a copy does too", async () => {
    const [from, seeded, copied] = await Promise.all(["a", "b", "c"].map((name) => client.createNamespace(name)));
    if (!from || !seeded || !copied) throw new Error("three namespaces were created");
    await seedFile(from.id, odd);
    const file = temp.path("out.json");

    expect(await exportToFile(client.namespace(from.id), file, { place: "a", format: "json" })).toBe(odd.length);
    const checked = await checkEntries([file]);
    const again = await seed(client.namespace(seeded.id), checked, {
      journal: temp.path("k"),
      place: "b",
      clock,
      verify: true,
    });
    const copy = await copyEntries(client.namespace(from.id), client.namespace(copied.id), {
      journal: temp.path("l"),
      place: "c",
      clock,
      verify: true,
    });

    expect(again).toMatchObject({ written: odd.length, verified: true });
    expect(copy).toMatchObject({ copied: odd.length, verified: true });
  });

  it("a seed stores exactly its entries although requests fail in every way", async () => {
    const { id } = await client.createNamespace("n");
    await seedFile(id, [
      { key: "stray", value: "" },
      { key: "k1", value: "old" },
    ]);
    emulator.setFaults(
      "status=429,retry-after=0,skip=3; status=500,skip=4; drop,skip=5; partial=0.2,path=/bulk,times=3",
    );

    expect(await seedFile(id, many, { prune: {}, verify: true })).toMatchObject({
      written: 1100,
      deleted: 1,
      verified: true,
    });
  });

  it("a seed reads back until a write is seen", async () => {
    const { id } = await client.createNamespace("n");
    await seedFile(id, [{ key: "a", value: "old" }]);
    emulator.setFaults("stale=1");

    const real = {
      ...clock,
      wait: (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000)),
    };
    expect(await seedFile(id, [{ key: "a", value: "new" }], { verify: true, clock: real })).toMatchObject({
      verified: true,
    });
  });

  it("a namespace is found, renamed and deleted", async () => {
    const { id } = await client.createNamespace("n");
    await client.renameNamespace(id, "m");
    expect(await client.listNamespaces()).toEqual([{ id, namespaceName: "m" }]);
    expect([await client.tokenStatus(), await client.listWorkers()]).toEqual(["active", []]);

    await client.deleteNamespace(id);
    expect(await client.listNamespaces()).toEqual([]);
    await expect(client.namespace(id).listKeys()).rejects.toMatchObject({ code: "NAMESPACE_NOT_FOUND" });
  });
});
