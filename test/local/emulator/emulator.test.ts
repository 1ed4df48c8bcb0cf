import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import {
  ACCOUNT,
  api,
  call,
  create,
  createNamespace,
  deployment,
  KV,
  SCRIPTS,
  uploadWorker,
} from "./emulator-client.js";

jest.setTimeout(120_000);

const WORKERS = `/accounts/${ACCOUNT}/workers/workers`;

let emulator: Emulator;
let now = new Date();
beforeAll(async () => {
  emulator = await startEmulator({ now: () => now });
});
afterEach(() => emulator.setFaults([]));
afterAll(() => emulator.close());

describe("the API's door", () => {
  it("demands a token, in any of Cloudflare's forms", async () => {
    const status = async (headers: Record<string, string>) =>
      (await call(emulator, "GET", "/client/v4/user", { headers })).status;

    expect(await status({ authorization: "" })).toBe(400);
    expect(await status({ authorization: "Bearer " })).toBe(400);
    expect(await status({ authorization: "Bearer x" })).toBe(200);
    expect(await status({ authorization: "", "x-auth-email": "a@b.c", "x-auth-key": "k" })).toBe(200);
    expect((await call(emulator, "GET", "/client/v4/user", { headers: { authorization: "" } })).json).toEqual({
      success: false,
      errors: [{ code: 10000, message: "Authentication error" }],
      messages: [],
      result: null,
    });
  });

  it("refuses foreign hosts and origins, and serves the API without its prefix too", async () => {
    const status = async (headers: Record<string, string>) =>
      (await call(emulator, "GET", "/client/v4/accounts", { headers })).status;

    expect(await status({ host: "evil.test" })).toBe(403);
    expect(await status({ origin: "https://evil.test" })).toBe(403);
    expect(await status({ origin: "null" })).toBe(403);
    expect(await status({ origin: "http://localhost:3000" })).toBe(200);
    expect((await call(emulator, "GET", "/accounts")).status).toBe(200);
  });

  it("says what it does not know", async () => {
    expect(await api(emulator, "GET", "/nowhere")).toMatchObject({ status: 404, json: { errors: [{ code: 7003 }] } });
    expect(await api(emulator, "PATCH", KV)).toMatchObject({ status: 405, json: { errors: [{ code: 7001 }] } });
    expect((await api(emulator, "POST", KV, { body: "{" })).status).toBe(400);
    expect((await api(emulator, "POST", KV, { body: "[]" })).status).toBe(400);
  });
});

describe("namespaces", () => {
  it("have unique titles of 1 to 512 characters in each account", async () => {
    const id = await createNamespace(emulator, "unique");
    const create = (title: unknown) => api(emulator, "POST", KV, { body: { title } });

    expect(await create("unique")).toMatchObject({ status: 400, json: { errors: [{ code: 10014 }] } });
    expect((await create("")).status).toBe(400);
    expect((await create("x".repeat(513))).status).toBe(400);
    expect((await create(7)).status).toBe(400);
    const elsewhere = KV.replace(ACCOUNT, "2".repeat(32));
    expect((await api(emulator, "POST", elsewhere, { body: { title: "unique" } })).status).toBe(200);
    expect((await api(emulator, "GET", `${elsewhere}/${id}`)).status).toBe(404);
    expect((await api(emulator, "PUT", `${KV}/${id}`, { body: { title: "unique" } })).status).toBe(200);
  });

  it("are listed page by page, ending in an empty one", async () => {
    for (const title of ["p-c", "p-a", "p-b"]) await createNamespace(emulator, title);
    const page = async (n: number) => {
      const { json } = await api(emulator, "GET", `${KV}?per_page=2&page=${n}&order=title&direction=desc`);
      return { titles: (json.result as { title: string }[]).map(({ title }) => title), info: json.result_info };
    };

    const first = await page(1);
    expect(first.titles).toEqual(["unique", "p-c"]);
    expect(first.info).toMatchObject({ page: 1, per_page: 2, count: 2 });
    expect((await page(50)).titles).toEqual([]);
    expect((await api(emulator, "GET", `${KV}?page=0`)).status).toBe(400);
  });

  it("can be created beyond what the runtime has ready, and are empty", async () => {
    for (let n = 0; n < 40; n++) {
      const id = await createNamespace(emulator, `many-${n}`);
      if (n % 13 === 0) {
        expect((await api(emulator, "PUT", `${KV}/${id}/values/k`, { body: "v" })).status).toBe(200);
        expect((await api(emulator, "GET", `${KV}/${id}/keys`)).json.result).toEqual([{ name: "k" }]);
      }
      expect((await api(emulator, "DELETE", `${KV}/${id}`)).status).toBe(200);
    }
  });

  it("are not deleted while a script or an active version is bound to them", async () => {
    const id = await createNamespace(emulator, "bound");
    const other = await createNamespace(emulator, "bound too");
    const code = "export default {}";
    await uploadWorker(emulator, "binder", code, {
      bindings: [{ name: "NS", type: "kv_namespace", namespace_id: id }],
    });
    const worker = await create(emulator, WORKERS, { name: "gradual-binder" });
    const version = (namespace: string) =>
      create(emulator, `${WORKERS}/${worker}/versions`, {
        main_module: "index.js",
        modules: [{ name: "index.js", content_type: "application/javascript+module", content_base64: btoa(code) }],
        bindings: [{ name: "NS", type: "kv_namespace", namespace_id: namespace }],
      });
    const [first, second] = [await version(id), await version(other)];
    await create(emulator, `${SCRIPTS}/gradual-binder/deployments`, deployment([first, 100]));

    const refused = await api(emulator, "DELETE", `${KV}/${id}`);
    expect(refused.status).toBe(400);
    expect(refused.json.errors).toEqual([
      { code: 10052, message: "namespace has associated scripts: binder, gradual-binder" },
    ]);
    await api(emulator, "DELETE", `${SCRIPTS}/binder`);
    await create(emulator, `${SCRIPTS}/gradual-binder/deployments`, deployment([second, 100]));
    expect((await api(emulator, "DELETE", `${KV}/${id}`)).status).toBe(200);
    expect((await api(emulator, "DELETE", `${KV}/${other}`)).status).toBe(400);
  });
});

describe("values", () => {
  let ns: string;
  beforeAll(async () => {
    ns = `${KV}/${await createNamespace(emulator, "values")}`;
  });

  it("keep every byte, none, and 25 MiB but not one more", async () => {
    const bytes = new Uint8Array(256).map((_, at) => at);
    const max = new Uint8Array(25 * 1024 * 1024).fill(7);
    for (const value of [bytes, new Uint8Array(), max]) {
      expect((await api(emulator, "PUT", `${ns}/values/k`, { body: value })).status).toBe(200);
      expect(Buffer.compare((await api(emulator, "GET", `${ns}/values/k`)).body, value)).toBe(0);
    }
    const tooLarge = await api(emulator, "PUT", `${ns}/values/k`, { body: new Uint8Array(max.length + 1) });
    expect(tooLarge.status).toBe(413);
  });

  it("keep bytes that are no text when they come in a form", async () => {
    const value = new Uint8Array([0, 13, 10, 45, 45, 255, 254]);
    const body = Buffer.concat([
      Buffer.from('--b\r\ncontent-disposition: form-data; name="value"\r\n\r\n'),
      value,
      Buffer.from('\r\n--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n[1]\r\n--b--\r\n'),
    ]);
    await api(emulator, "PUT", `${ns}/values/form`, {
      body,
      headers: { "content-type": "multipart/form-data; boundary=b" },
    });

    expect(Buffer.compare((await api(emulator, "GET", `${ns}/values/form`)).body, value)).toBe(0);
    expect((await api(emulator, "GET", `${ns}/metadata/form`)).json.result).toEqual([1]);
  });

  it.each([[0], [false], [""], ["text"], [[]], [{ é: "日本\u0001" }], [{ deep: [{ a: null }] }]])(
    "keep metadata that is any JSON: %j",
    async (metadata) => {
      await api(emulator, "PUT", `${ns}/bulk`, { body: [{ key: "m", value: "v", metadata }] });

      expect((await api(emulator, "GET", `${ns}/metadata/m`)).json.result).toEqual(metadata);
      expect((await api(emulator, "GET", `${ns}/keys?prefix=m`)).json.result).toEqual([{ name: "m", metadata }]);
    },
  );

  it("have limits on keys, metadata and time", async () => {
    const put = async (key: string, query = "") =>
      (await api(emulator, "PUT", `${ns}/values/${key}${query}`, { body: "v" })).status;
    const soon = Math.floor(now.getTime() / 1000);

    expect(await put("k".repeat(512))).toBe(200);
    expect(await put("k".repeat(513))).toBe(414);
    expect(await put("%C3%A9".repeat(257))).toBe(414);
    expect(await put("%2E%2E")).toBe(400);
    expect(await put("%zz")).toBe(400);
    expect(await put("a/b")).toBe(404);
    expect(await put("k", "?expiration_ttl=59")).toBe(400);
    expect(await put("k", "?expiration_ttl=60")).toBe(200);
    expect(await put("k", `?expiration=${soon + 30}`)).toBe(400);
    expect(await put("k", `?expiration=${soon + 120}`)).toBe(200);
    expect((await api(emulator, "GET", `${ns}/values/k`)).headers.expiration).toBe(String(soon + 120));
    const long = [{ key: "k", value: "v", metadata: "x".repeat(1023) }];
    expect((await api(emulator, "PUT", `${ns}/bulk`, { body: long })).status).toBe(413);
  });

  it("are listed in the order of their bytes, by prefix and cursor", async () => {
    const keys = Array.from({ length: 25 }, (_, n) => `list/${n}`);
    await api(emulator, "PUT", `${ns}/bulk`, { body: keys.map((key) => ({ key, value: "v" })) });
    const found: string[] = [];
    let cursor = "";
    for (let pages = 0; pages < 10; pages++) {
      const { json } = await api(emulator, "GET", `${ns}/keys?prefix=list%2F&limit=10&cursor=${cursor}`);
      found.push(...(json.result as { name: string }[]).map(({ name }) => name));
      cursor = (json.result_info as { cursor: string }).cursor;
      if (cursor === "") break;
    }

    expect(found).toEqual([...keys].sort());
    expect((await api(emulator, "GET", `${ns}/keys?limit=9`)).status).toBe(400);
    expect((await api(emulator, "GET", `${ns}/keys?limit=1001`)).status).toBe(400);
  });

  it("go in bulk: 10,000 pairs, 100 keys, the last of a key that comes twice", async () => {
    const pairs = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `b${n}`, value: "v" }));
    const twice = [
      { key: "twice", value: "first" },
      { key: "twice", value: "last" },
    ];
    expect((await api(emulator, "PUT", `${ns}/bulk`, { body: twice })).json.result).toEqual({
      successful_key_count: 2,
      unsuccessful_keys: [],
    });
    expect((await api(emulator, "GET", `${ns}/values/twice`)).body.toString()).toBe("last");
    expect((await api(emulator, "PUT", `${ns}/bulk`, { body: pairs(10_001) })).json.errors[0]?.code).toBe(10012);
    const keys = pairs(101).map(({ key }) => key);
    expect((await api(emulator, "POST", `${ns}/bulk/get`, { body: { keys } })).status).toBe(400);
    expect((await api(emulator, "POST", `${ns}/bulk/get`, { body: { keys: ["twice"], type: "json" } })).status).toBe(
      400,
    );
    expect((await api(emulator, "POST", `${ns}/bulk/delete`, { body: ["twice", "never"] })).json.result).toEqual({
      successful_key_count: 2,
      unsuccessful_keys: [],
    });
    for (const bad of [
      { key: "k" },
      { key: "k", value: 1 },
      { key: "", value: "" },
      { key: "k", value: "?", base64: true },
    ]) {
      expect((await api(emulator, "PUT", `${ns}/bulk`, { body: [bad] })).status).toBe(400);
    }
  });
});

describe("faults", () => {
  let ns: string;
  beforeAll(async () => {
    ns = `${KV}/${await createNamespace(emulator, "faults")}`;
  });
  const get = () => api(emulator, "GET", `${ns}/values/k`);

  it("answer 429 and 5xx as often as asked, and only where asked", async () => {
    emulator.setFaults("status=429,retry-after=7,times=1,path=/values/; status=503,should-retry=false,method=DELETE");

    const limited = await get();
    expect(limited.status).toBe(429);
    expect(limited.headers["retry-after"]).toBe("7");
    expect(limited.json.errors[0]?.code).toBe(10100);
    expect((await get()).status).toBe(404);
    const broken = await api(emulator, "DELETE", `${ns}/values/k`);
    expect(broken.status).toBe(503);
    expect(broken.headers["x-should-retry"]).toBe("false");
  });

  it("let some requests pass between, drop connections, and wait", async () => {
    emulator.setFaults([{ drop: true, skip: 2 }]);
    const outcomes = [];
    for (let n = 0; n < 6; n++)
      outcomes.push(
        await get().then(
          ({ status }) => status,
          () => "dropped",
        ),
      );
    expect(outcomes).toEqual([404, 404, "dropped", 404, 404, "dropped"]);

    emulator.setFaults([{ latency: 150 }]);
    const started = performance.now();
    await get();
    expect(performance.now() - started).toBeGreaterThan(140);
  });

  it("fail a share of a bulk operation's entries, which are then not written", async () => {
    emulator.setFaults("partial=0.25,times=1");
    const body = ["a", "b", "c", "d", "e"].map((key) => ({ key: `part-${key}`, value: "v" }));

    expect((await api(emulator, "PUT", `${ns}/bulk`, { body })).json.result).toEqual({
      successful_key_count: 4,
      unsuccessful_keys: ["part-d"],
    });
    expect((await api(emulator, "GET", `${ns}/values/part-d`)).status).toBe(404);
    expect((await api(emulator, "GET", `${ns}/values/part-e`)).status).toBe(200);
  });

  it("read the previous value, for as long as asked", async () => {
    await api(emulator, "PUT", `${ns}/values/stale`, { body: "old" });
    emulator.setFaults("stale=60");
    await api(emulator, "PUT", `${ns}/values/stale`, { body: "new" });
    await api(emulator, "PUT", `${ns}/values/fresh`, { body: "new" });
    const read = async (key: string) => (await api(emulator, "GET", `${ns}/values/${key}`)).body.toString();

    expect(await read("stale")).toBe("old");
    expect((await api(emulator, "GET", `${ns}/values/fresh`)).status).toBe(404);
    now = new Date(now.getTime() + 61_000);
    expect(await read("stale")).toBe("new");
    expect(await read("fresh")).toBe("new");
  });

  it("are set, read and ended over HTTP too, and refused when they mean nothing", async () => {
    const set = await call(emulator, "PUT", "/emulator/faults", { body: "status=500,times=2" });
    expect(set.json.result).toEqual([{ status: 500, times: 2, happened: 0 }]);
    await get();
    expect((await call(emulator, "GET", "/emulator/faults")).json.result).toMatchObject([{ happened: 1 }]);
    await call(emulator, "DELETE", "/emulator/faults");
    expect((await get()).status).toBe(404);
    expect((await call(emulator, "PUT", "/emulator/faults", { body: "statsu=500" })).status).toBe(400);
    expect(() => emulator.setFaults("times=3")).toThrow("invalid fault: 'times=3' does nothing");
    expect(() => emulator.setFaults("stale=61")).toThrow("invalid fault: stale must be from 0 to 60, got 'stale=61'");
  });
});

it("is empty after a reset, and serves again", async () => {
  const id = await createNamespace(emulator, "before");
  await api(emulator, "PUT", `${KV}/${id}/values/k`, { body: "v" });
  emulator.setFaults("status=500");
  await emulator.reset();

  expect((await api(emulator, "GET", KV)).json.result).toEqual([]);
  expect((await api(emulator, "GET", SCRIPTS)).json.result).toEqual([]);
  const again = await createNamespace(emulator, "before");
  expect((await api(emulator, "GET", `${KV}/${again}/keys`)).json.result).toEqual([]);
});
