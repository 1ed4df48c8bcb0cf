import Cloudflare from "cloudflare";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { ACCOUNT as account_id, callWorker, uploadWorker } from "./emulator-client.js";

jest.setTimeout(120_000);

const TOKEN = "a-token-that-must-not-be-told";

/** Keys that have broken clients before. */
const AWKWARD_KEYS = [
  "a/b",
  "/lead//trail/",
  "a b",
  "a+b",
  "a%20b",
  "%2F",
  "%",
  "^",
  "é",
  "日本",
  "😀",
  "..x",
  "..%2F",
  "?",
  "a?b=c",
  "#",
  "\u001f",
  "\n",
  "\\",
  '"',
  ";,:@&=$",
  "__proto__",
  "42",
  "k".repeat(512),
  "é".repeat(256),
];

/** Reads and writes through the binding whatever it is asked for. */
const ECHO = `export default { async fetch(request, env) {
  const { op, key, value, metadata } = await request.json();
  if (op === "put") await env.KV.put(key, value, { metadata });
  return Response.json(await env.KV.getWithMetadata(key));
} };`;

let emulator: Emulator;
const heard: string[] = [];
beforeAll(async () => {
  emulator = await startEmulator({ onRequest: (entry) => heard.push(JSON.stringify(entry)) });
});
afterAll(() => emulator.close());

describe("the official SDK", () => {
  const sdk = () => new Cloudflare({ apiToken: TOKEN, baseURL: emulator.baseUrl, maxRetries: 0 });

  it("creates, lists, renames and deletes namespaces", async () => {
    const { kv } = sdk();
    const made = [];
    for (let n = 0; n < 25; n++) made.push(await kv.namespaces.create({ account_id, title: `sdk-${n}` }));
    const listed = [];
    for await (const { title } of kv.namespaces.list({ account_id, order: "title" })) listed.push(title);
    const first = made[0]?.id ?? "";
    const renamed = await kv.namespaces.update(first, { account_id, title: "renamed" });

    expect(listed).toHaveLength(25);
    expect(renamed).toEqual({ id: first, title: "renamed", supports_url_encoding: true });
    expect(await kv.namespaces.get(first, { account_id })).toEqual(renamed);
    await expect(kv.namespaces.create({ account_id, title: "renamed" })).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 10014 }],
    });
    for (const { id } of made) await kv.namespaces.delete(id, { account_id });
    await expect(kv.namespaces.get(first, { account_id })).rejects.toMatchObject({ status: 404 });
    expect(await sdk().user.tokens.verify()).toMatchObject({ status: "active" });
  });

  it("puts, gets and deletes values with metadata, one by one and in bulk", async () => {
    const { kv } = sdk();
    const { id: namespace_id } = await kv.namespaces.create({ account_id, title: "values" });
    const place = { account_id, namespace_id };
    const put = { ...place, value: "v", metadata: JSON.stringify({ a: [1, "é"] }), expiration_ttl: 600 };
    await kv.namespaces.values.update("k", put);

    const got = await kv.namespaces.values.get("k", place);
    expect(await got.text()).toBe("v");
    expect(Number(got.headers.get("expiration"))).toBeGreaterThan(Date.now() / 1000 + 500);
    expect(await kv.namespaces.metadata.get("k", place)).toEqual({ a: [1, "é"] });

    const body = Array.from({ length: 1200 }, (_, n) => ({ key: `bulk-${n}`, value: `${n}` }));
    expect(await kv.namespaces.bulkUpdate(namespace_id, { account_id, body })).toEqual({
      successful_key_count: 1200,
      unsuccessful_keys: [],
    });
    const names = [];
    for await (const { name } of kv.namespaces.keys.list(namespace_id, { account_id, prefix: "bulk-" }))
      names.push(name);
    expect(new Set(names).size).toBe(1200);
    expect(await kv.namespaces.bulkGet(namespace_id, { account_id, keys: ["bulk-7", "nope"] })).toEqual({
      values: { "bulk-7": "7", nope: null },
    });
    expect(await kv.namespaces.bulkDelete(namespace_id, { account_id, body: names })).toMatchObject({
      successful_key_count: 1200,
    });
    await kv.namespaces.values.delete("k", place);
    await expect(kv.namespaces.values.get("k", place)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10009 }],
    });
  });

  it("and a Worker's binding see the same of keys that break clients, both ways", async () => {
    const { kv } = sdk();
    const { id: namespace_id } = await kv.namespaces.create({ account_id, title: "awkward" });
    const place = { account_id, namespace_id };
    await uploadWorker(emulator, "echo", ECHO, { bindings: [{ name: "KV", type: "kv_namespace", namespace_id }] });
    const inWorker = async (body: object): Promise<unknown> =>
      (await callWorker(emulator, "echo.localhost", "/", { method: "POST", body })).json;

    for (const key of AWKWARD_KEYS) {
      const put = {
        ...place,
        value: `from outside: ${JSON.stringify(key)}`,
        metadata: JSON.stringify({ key: key.slice(0, 20) }),
      };
      await kv.namespaces.values.update(key, put);
      const seen = await inWorker({ op: "get", key });
      expect({ key, seen }).toMatchObject({
        seen: { value: `from outside: ${JSON.stringify(key)}`, metadata: { key: key.slice(0, 20) } },
      });

      await inWorker({ op: "put", key, value: `from inside: ${key}`, metadata: [key.slice(0, 20)] });
      const got = await kv.namespaces.values.get(key, place);
      expect({ key, value: await got.text() }).toEqual({ key, value: `from inside: ${key}` });
      expect(await kv.namespaces.metadata.get(key, place)).toEqual([key.slice(0, 20)]);
    }
    const listed = [];
    for await (const { name } of kv.namespaces.keys.list(namespace_id, { account_id, limit: 10 })) listed.push(name);
    expect([...listed].sort()).toEqual([...AWKWARD_KEYS].sort());
    for (const key of AWKWARD_KEYS) await kv.namespaces.values.delete(key, place);
    expect((await kv.namespaces.keys.list(namespace_id, { account_id })).result).toEqual([]);
  });
});

describe("wrangler", () => {
  const home = mkdtempSync(join(tmpdir(), "cfkv-wrangler-"));
  afterAll(() => rmSync(home, { recursive: true }));

  it("works against it for everything it does with KV", async () => {
    const created = await wrangler("kv", "namespace", "create", "by-wrangler");
    const id = /"id": "([0-9a-f]{32})"/.exec(created)?.[1] ?? "";
    const on = ["--namespace-id", id, "--remote"];
    await wrangler("kv", "key", "put", "a/b é", "from wrangler", "--metadata", '{"a":1}', "--ttl", "120", ...on);
    const file = join(home, "bulk.json");
    writeFileSync(
      file,
      JSON.stringify([
        { key: "one", value: "1" },
        { key: "two", value: "Mg==", base64: true },
      ]),
    );
    await wrangler("kv", "bulk", "put", file, ...on);

    expect(await wrangler("kv", "key", "get", "a/b é", ...on)).toContain("from wrangler");
    const listed = JSON.parse(await wrangler("kv", "key", "list", ...on)) as { name: string }[];
    expect(listed).toMatchObject([{ name: "a/b é", metadata: { a: 1 } }, { name: "one" }, { name: "two" }]);

    writeFileSync(file, JSON.stringify(["one", "two"]));
    const gotten = await wrangler("kv", "bulk", "get", file, ...on);
    expect(JSON.parse(gotten.slice(gotten.indexOf("{"), gotten.lastIndexOf("}") + 1))).toEqual({ one: "1", two: "2" });
    await wrangler("kv", "bulk", "delete", file, "--force", ...on);
    await wrangler("kv", "key", "delete", "a/b é", ...on);
    expect(JSON.parse(await wrangler("kv", "key", "list", ...on))).toEqual([]);

    await wrangler("kv", "namespace", "rename", "--namespace-id", id, "--new-name", "renamed-by-wrangler");
    expect(await wrangler("kv", "namespace", "list")).toContain("renamed-by-wrangler");
    await wrangler("kv", "namespace", "delete", "--namespace-id", id, "--skip-confirmation");
    expect(await wrangler("kv", "namespace", "list")).not.toContain(id);
  });

  async function wrangler(...args: string[]): Promise<string> {
    const manifest = createRequire(__filename).resolve("wrangler/package.json");
    const bin = join(
      dirname(manifest),
      (JSON.parse(readFileSync(manifest, "utf8")) as { bin: { wrangler: string } }).bin.wrangler,
    );
    return new Promise((resolve, reject) => {
      const env = {
        PATH: process.env.PATH,
        HOME: home,
        CI: "1",
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_API_BASE_URL: emulator.baseUrl,
        CLOUDFLARE_API_TOKEN: TOKEN,
        CLOUDFLARE_ACCOUNT_ID: account_id,
      };
      execFile(process.execPath, [bin, ...args], { cwd: home, env }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`wrangler ${args.join(" ")}: ${stdout}${stderr}`));
      });
    });
  }
});

it("never tells a token", () => {
  expect(heard.length).toBeGreaterThan(100);
  expect(heard.join("\n")).not.toContain(TOKEN);
});
