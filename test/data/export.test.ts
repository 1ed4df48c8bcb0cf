import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { checkEntries, readEntries } from "../../src/data/entries.js";
import { exportEntries, exportToFile, type FileExportOptions } from "../../src/data/export.js";
import { seed } from "../../src/data/seed.js";
import type { EntriesTarget } from "../../src/data/target.js";
import type { StoredEntry } from "../support/kv-api-server.js";
import { kvApi, testClock } from "../support/kv-api-target.js";
import { tempDirs } from "../support/temp-dir.js";

const temp = tempDirs();
const api = kvApi();

function namespaceOf(entries: Readonly<Record<string, StoredEntry>>): string {
  const id = api.server().addNamespace("n");
  for (const [key, entry] of Object.entries(entries)) api.server().namespaces.get(id)?.entries.set(key, entry);
  return id;
}

const numbered = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`k${String(at).padStart(5, "0")}`, { value: Buffer.from(`v${at}`) }]),
  );

const toFile = (id: string, file: string, options: Partial<FileExportOptions> = {}) =>
  exportToFile(api.namespace(id), file, { place: id, ...options });

const odd = {
  "a/é ?": { value: Buffer.from("é\n"), metadata: { tags: ["x"] } },
  b: { value: Buffer.of(0, 0xff, 0xfe), expiration: 4_000_000_000 },
  "c\u0001": { value: Buffer.from("\uFFFD") },
  d: { value: Buffer.alloc(0), metadata: 0 },
};

describe("an export", () => {
  it("holds every key with its bytes, metadata and expiration", async () => {
    const file = temp.path("out", "n.ndjson");

    expect(await toFile(namespaceOf(odd), file)).toBe(4);

    expect(readFileSync(file, "utf8")).toBe(
      [
        '{"key":"a/é ?","value":"é\\n","metadata":{"tags":["x"]}}',
        '{"key":"b","value":"AP/+","base64":true,"expiration":4000000000}',
        '{"key":"c\\u0001","value":"\uFFFD"}',
        '{"key":"d","value":"","metadata":0}',
        "",
      ].join("\n"),
    );
  });

  it("takes one bulk read for a hundred keys, whether or not they expire", async () => {
    const entries = Object.entries(numbered(100)).map(([key, entry], at) => [
      key,
      at % 2 === 0 ? entry : { ...entry, expiration: 4_000_000_000 },
    ]);
    await toFile(namespaceOf(Object.fromEntries(entries) as Record<string, StoredEntry>), temp.path("n.ndjson"));

    expect(api.requests()).toEqual({ "GET keys": 1, "POST bulk/get": 1 });
  });

  it("finds out once that bulk reads omit expirations, and compares listings from then on", async () => {
    const expiring = Object.entries(numbered(150)).map(([key, entry]) => [key, { ...entry, expiration: 4e9 }]);
    const namespace = api.namespace(namespaceOf(Object.fromEntries(expiring) as Record<string, StoredEntry>));
    const silent: EntriesTarget = {
      listKeys: (query) => namespace.listKeys(query),
      getValue: (key) => namespace.getValue(key),
      namespaceId: namespace.namespaceId,
      bulkPut: (...batch) => namespace.bulkPut(...batch),
      bulkDelete: (keys) => namespace.bulkDelete(keys),
      bulkGet: async (keys) => {
        const values = await namespace.bulkGet(keys);
        return new Map([...values].map(([key, { expiration: _, ...rest }]) => [key, rest]));
      },
    };
    const file = temp.path("n.ndjson");
    await exportToFile(silent, file, { place: "p" });

    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines).toHaveLength(150);
    expect(lines.filter((line) => line.endsWith('"expiration":4000000000}'))).toHaveLength(150);
    expect(api.requests()["POST bulk/get"]).toBe(2);
    expect(Object.keys(api.requests()).filter((route) => route.startsWith("GET values"))).toHaveLength(1);
  });

  it("reads a key alone that stopped expiring after it was listed, and trusts bulk reads all the same", async () => {
    const namespace = api.namespace(namespaceOf(numbered(3)));
    let listings = 0;
    const listedBefore: EntriesTarget = {
      listKeys: async (query) => {
        const page = await namespace.listKeys(query);
        if (listings++ > 0) return page;
        return { ...page, keys: page.keys.map((key, at) => (at === 0 ? { ...key, expiration: 4e9 } : key)) };
      },
      getValue: (key) => namespace.getValue(key),
      namespaceId: namespace.namespaceId,
      bulkPut: (...batch) => namespace.bulkPut(...batch),
      bulkDelete: (keys) => namespace.bulkDelete(keys),
      bulkGet: (keys) => namespace.bulkGet(keys),
    };
    const file = temp.path("n.ndjson");
    await exportToFile(listedBefore, file, { place: "p" });

    expect(readFileSync(file, "utf8")).not.toContain("expiration");
    // Two listings for the key that is read alone; a third would compare all of them.
    expect(api.requests()).toMatchObject({ "GET keys": 1 + 2, "POST bulk/get": 1 });
  });

  it.each(["ndjson", "json"] as const)("as %s can be seeded, and gives the same namespace", async (format) => {
    const file = temp.path(`n.${format}`);
    const id = namespaceOf({ ...odd, ...numbered(1500) });
    const other = api.server().addNamespace("other");
    await toFile(id, file, { format });

    await seed(api.namespace(other), await checkEntries([file]), {
      journal: temp.path("j"),
      place: "p",
      clock: testClock(),
    });

    const sorted = (of: string) =>
      [...(api.server().namespaces.get(of)?.entries ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(other)).toEqual(sorted(id));
  });

  it("of an empty namespace is an empty file that can be seeded", async () => {
    const id = namespaceOf({});
    await toFile(id, temp.path("n.ndjson"));
    await toFile(id, temp.path("n.json"), { format: "json" });

    expect(readFileSync(temp.path("n.ndjson"), "utf8")).toBe("");
    expect((await checkEntries([temp.path("n.json")])).count).toBe(0);
  });

  it("takes one request a page of 1,000 keys and one a hundred values", async () => {
    await toFile(namespaceOf(numbered(2500)), temp.path("n.ndjson"));

    expect(api.requests()).toEqual({ "GET keys": 3, "POST bulk/get": 25 });
  });

  it("is limited to a prefix", async () => {
    const lines: string[] = [];
    const sink = (text: string) => Promise.resolve(void lines.push(text));

    expect(await exportEntries(api.namespace(namespaceOf(numbered(30))), sink, { prefix: "k0001" })).toBe(10);
    expect(lines.join("").split("\n")[0]).toBe('{"key":"k00010","value":"v10"}');
  });

  it("asks for less at once where the values are too many bytes for one answer", async () => {
    const large = Buffer.alloc(6 * 1024 * 1024, "x");
    const id = namespaceOf(Object.fromEntries(["a", "b", "c", "d", "e"].map((key) => [key, { value: large }])));

    expect(await toFile(id, temp.path("n.ndjson"))).toBe(5);
    expect(api.requests()["POST bulk/get"]).toBe(3);
  });

  it("reads a value alone that Cloudflare does not give in bulk", async () => {
    const id = namespaceOf(odd);
    api.server().fault = ({ path, body }) =>
      path.endsWith("bulk/get") && body.includes('"b"') ? { kind: "answer", status: 400 } : undefined;

    expect(await toFile(id, temp.path("n.ndjson"))).toBe(4);
    expect(readFileSync(temp.path("n.ndjson"), "utf8")).toContain(
      '{"key":"b","value":"AP/+","base64":true,"expiration":4000000000}\n',
    );
  });
});

describe("an interrupted export", () => {
  async function interrupted(id: string, file: string, options: Partial<FileExportOptions> = {}): Promise<void> {
    let lists = 0;
    api.server().fault = ({ path }) =>
      path.endsWith("/keys") && ++lists > 2 ? { kind: "answer", status: 500 } : undefined;
    await expect(toFile(id, file, options)).rejects.toMatchObject({ code: "CLOUDFLARE_UNAVAILABLE" });
    api.server().fault = () => undefined;
    api.server().requests.length = 0;
  }

  it.each(["ndjson", "json"] as const)("has no file of its name, and goes on where it was: %s", async (format) => {
    const file = temp.path(`n.${format}`);
    const id = namespaceOf(numbered(3500));
    await interrupted(id, file, { format });
    expect(existsSync(file)).toBe(false);
    // What a kill in the middle of a page leaves behind.
    writeFileSync(`${file}.part`, readFileSync(`${file}.part`, "utf8") + '{"key":"half');

    expect(await toFile(id, file, { format, resume: true })).toBe(3500);

    expect(api.requests()).toEqual({ "GET keys": 2, "POST bulk/get": 15 });
    const keys: string[] = [];
    for await (const { key } of readEntries(file)) keys.push(key);
    expect(keys).toEqual(Object.keys(numbered(3500)));
    expect(existsSync(`${file}.part`) || existsSync(`${file}.part.json`)).toBe(false);
  });

  it("goes on when Cloudflare has forgotten the cursor", async () => {
    const file = temp.path("n.ndjson");
    const id = namespaceOf(numbered(3500));
    await interrupted(id, file);
    const forgotten = /cursor":"([^"]+)/.exec(readFileSync(`${file}.part.json`, "utf8"))?.[1] ?? "";
    let refused = 0;
    api.server().fault = ({ query }) =>
      query.get("cursor") === forgotten && ++refused === 1 ? { kind: "answer", status: 400 } : undefined;

    expect(await toFile(id, file, { resume: true })).toBe(3500);
    expect(api.requests()).toEqual({ "GET keys": 5, "POST bulk/get": 15 });
    expect((await checkEntries([file])).count).toBe(3500);
  });

  it.each<[string, (file: string) => void]>([
    ["its part is shorter than its record", (file) => writeFileSync(`${file}.part`, "{")],
    ["its part is gone", (file) => rmSync(`${file}.part`)],
    [
      "its part was changed",
      (file) => writeFileSync(`${file}.part`, readFileSync(`${file}.part`, "utf8").replaceAll("v", "w")),
    ],
    ["its record is damaged", (file) => writeFileSync(`${file}.part.json`, "{")],
    ["its record is null", (file) => writeFileSync(`${file}.part.json`, "null")],
    [
      "its record counts what cannot be",
      (file) =>
        writeFileSync(
          `${file}.part.json`,
          readFileSync(`${file}.part.json`, "utf8").replace(/"bytes":\d+/, '"bytes":-1'),
        ),
    ],
  ])("is not continued when %s", async (_, damage) => {
    const file = temp.path("n.ndjson");
    const id = namespaceOf(numbered(3500));
    await interrupted(id, file);
    damage(file);

    await expect(toFile(id, file, { resume: true })).rejects.toMatchObject({
      code: "JOURNAL_BROKEN",
      hint: "run again without --resume: the export starts over",
    });
    expect(existsSync(file)).toBe(false);
    expect(await toFile(id, file)).toBe(3500);
  });

  it("does not meet another one of the same file", async () => {
    const file = temp.path("n.ndjson");
    const id = namespaceOf(numbered(30));

    const both = await Promise.allSettled([toFile(id, file), toFile(id, file)]);

    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "RUN_IN_PROGRESS" } });
  });

  it("of another prefix is not continued, and starts over without resume", async () => {
    const file = temp.path("n.ndjson");
    const id = namespaceOf(numbered(3500));
    await interrupted(id, file);

    await expect(toFile(id, file, { resume: true, prefix: "k" })).rejects.toMatchObject({
      code: "EXPORT_RECORD_OTHER",
    });
    expect(await toFile(id, file, { prefix: "k0000" })).toBe(10);
    expect((await checkEntries([file])).count).toBe(10);
  });
});
