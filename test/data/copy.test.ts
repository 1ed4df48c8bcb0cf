import { existsSync } from "node:fs";
import { copyEntries, type CopyOptions, type CopyResult } from "../../src/data/copy.js";
import { mappedKey } from "../../src/data/key-mapping.js";
import { kvApi, testClock } from "../support/kv-api-target.js";
import { tempDirs } from "../support/temp-dir.js";

// Thousands of entries over real sockets, on machines that do other things beside.
jest.setTimeout(30_000);

const temp = tempDirs();
const api = kvApi();
const clock = testClock();

const numbered = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, `v${at}`]));

async function run(from: string, to: string, options: Partial<CopyOptions> = {}): Promise<CopyResult> {
  const journal = temp.path("journal", "copy");
  return copyEntries(api.namespace(from), api.namespace(to), { journal, place: `${from} ${to}`, clock, ...options });
}

describe("a copy", () => {
  it("carries bytes, metadata and expiration, and leaves the rest of the target alone", async () => {
    const from = api.server().addNamespace("from", { a: "x" });
    const to = api.server().addNamespace("to", { a: "old", other: "stays" });
    const bytes = { value: Buffer.of(0xff), metadata: [1], expiration: clock.now() + 600 };
    api.server().namespaces.get(from)?.entries.set("b", bytes);

    expect(await run(from, to)).toEqual({ copied: 2, expired: 0, missing: [], missingCount: 0, verified: false });
    expect(api.contents(to)).toEqual({ a: "x", b: "\uFFFD", other: "stays" });
    expect(api.server().namespaces.get(to)?.entries.get("b")).toEqual(bytes);
  });

  it("takes one write for 10,000 entries", async () => {
    const from = api.server().addNamespace("from", numbered(12_000));
    const to = api.server().addNamespace("to");

    expect(await run(from, to)).toMatchObject({ copied: 12_000 });
    expect(api.contents(to)).toEqual(api.contents(from));
    expect(api.requests()).toEqual({ "GET keys": 12, "POST bulk/get": 120, "PUT bulk": 2 });
  });

  it("maps prefixes of keys", async () => {
    const from = api.server().addNamespace("from", { "dev:a": "1", "dev:b": "2", other: "3" });
    const to = api.server().addNamespace("to");

    await run(from, to, { mappings: [{ from: "dev:", to: "prod:" }] });

    expect(api.contents(to)).toEqual({ "prod:a": "1", "prod:b": "2", other: "3" });
  });

  it("writes nothing when two keys would become one, or a key none", async () => {
    const from = api.server().addNamespace("from", { "dev:a": "1", "prod:a": "2", "dev:": "3" });
    const to = api.server().addNamespace("to");

    await expect(run(from, to, { mappings: [{ from: "dev:", to: "prod:" }] })).rejects.toMatchObject({
      code: "COPY_KEYS_INVALID",
      message: "cannot apply --map\n  'prod:a' to 'prod:a': another key maps to the same key",
    });
    await expect(run(from, to, { mappings: [{ from: "dev:", to: "" }] })).rejects.toMatchObject({
      code: "COPY_KEYS_INVALID",
      message: "cannot apply --map\n  'dev:' to '': key must not be empty",
    });
    expect(api.contents(to)).toEqual({});
  });

  it("leaves out what expires in less than a minute", async () => {
    const from = api.server().addNamespace("from", { a: "x" });
    const to = api.server().addNamespace("to");
    api
      .server()
      .namespaces.get(from)
      ?.entries.set("b", { value: Buffer.of(1), expiration: clock.now() + 50 });

    expect(await run(from, to, { verify: true })).toMatchObject({ copied: 1, expired: 1, verified: true });
  });

  it("sends again what could not be stored, and names what never was", async () => {
    const from = api.server().addNamespace("from", numbered(5));
    const to = api.server().addNamespace("to");
    let tries = 0;
    api.server().fault = () => ({ kind: "partial", fails: (key) => key === "k1" || (key === "k2" && ++tries < 3) });

    expect(await run(from, to)).toMatchObject({ copied: 4, missing: [{ key: "k1", reason: "not accepted" }] });

    api.server().fault = () => undefined;
    expect(await run(from, to, { resume: true, verify: true })).toMatchObject({
      copied: 5,
      missingCount: 0,
      verified: true,
    });
    expect(api.contents(to)).toEqual(numbered(5));
  });

  it("goes on where it was interrupted", async () => {
    const from = api.server().addNamespace("from", numbered(12_000));
    const to = api.server().addNamespace("to");
    let writes = 0;
    api.server().fault = ({ method }) =>
      method === "PUT" && ++writes > 1 ? { kind: "answer", status: 500 } : undefined;
    expect(await run(from, to)).toMatchObject({ copied: 10_000, stopped: { code: "CLOUDFLARE_UNAVAILABLE" } });
    api.server().fault = () => undefined;
    api.server().requests.length = 0;

    expect(await run(from, to, { resume: true })).toMatchObject({ copied: 12_000 });
    expect(api.requests()).toEqual({ "GET keys": 2, "POST bulk/get": 20, "PUT bulk": 1 });
    expect(api.contents(to)).toEqual(numbered(12_000));
    expect(existsSync(temp.path("journal", "copy"))).toBe(false);
  });

  it("is recorded within a page, as large values fill a batch with few entries", async () => {
    const [from, to] = [api.server().addNamespace("from", numbered(12)), api.server().addNamespace("to")];
    const small = Object.assign(api.namespace(to), { pairsAtOnce: 5 });
    const options = { journal: temp.path("journal", "copy"), place: "p", clock };
    let writes = 0;
    api.server().fault = ({ method }) =>
      method === "PUT" && ++writes > 1 ? { kind: "answer", status: 500 } : undefined;
    const first = await copyEntries(api.namespace(from), small, options);
    expect(first).toMatchObject({ copied: 5, stopped: { code: "CLOUDFLARE_UNAVAILABLE" } });
    api.server().fault = () => undefined;
    api.server().requests.length = 0;

    expect(await copyEntries(api.namespace(from), small, { ...options, resume: true })).toMatchObject({ copied: 12 });
    const puts = api.server().requests.filter(({ method }) => method === "PUT");
    expect(puts.map(({ body }) => (JSON.parse(body.toString()) as unknown[]).length)).toEqual([5, 2]);
    expect(api.contents(to)).toEqual(
      Object.fromEntries(Object.entries(numbered(12)).sort(([a], [b]) => (a < b ? -1 : 1))),
    );
  });

  it.each(["{", "null", "[]", '{"version":2,"place":5}'])(
    "is not continued from a record that says %s",
    async (text) => {
      const [from, to] = [api.server().addNamespace("from", numbered(3)), api.server().addNamespace("to")];
      temp.write("journal/copy", text);

      await expect(run(from, to, { resume: true })).rejects.toMatchObject({ code: "JOURNAL_BROKEN" });
      expect(await run(from, to)).toMatchObject({ copied: 3 });
    },
  );

  it("is not continued with other options", async () => {
    const [from, to] = [api.server().addNamespace("from", numbered(11_000)), api.server().addNamespace("to")];
    let writes = 0;
    api.server().fault = ({ method }) =>
      method === "PUT" && ++writes > 1 ? { kind: "answer", status: 500 } : undefined;
    await run(from, to);
    api.server().fault = () => undefined;

    await expect(run(from, to, { resume: true, prefix: "k1" })).rejects.toMatchObject({ code: "COPY_RECORD_OTHER" });
  });

  it("finds by reading back what is not as in the source", async () => {
    const [from, to] = [api.server().addNamespace("from", numbered(3)), api.server().addNamespace("to")];
    const entries = api.server().namespaces.get(to)?.entries;
    api.server().fault = ({ path, body }) => {
      if (path.includes(to) && body.includes('"keys"')) entries?.delete("k2");
      return undefined;
    };

    expect(await run(from, to, { verify: true })).toMatchObject({
      verified: false,
      missing: [{ key: "k2", reason: "differs from the source when read back" }],
    });
  });
});

describe("a mapped key", () => {
  it("takes the first mapping that fits", () => {
    const mappings = [
      { from: "a:b:", to: "x:" },
      { from: "a:", to: "" },
    ];

    expect(["a:b:c", "a:c", "c"].map((key) => mappedKey(key, mappings))).toEqual(["x:c", "c", "c"]);
  });
});
