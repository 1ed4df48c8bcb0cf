import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { ACCOUNT, api, call, callWorker, createNamespace, KV, SCRIPTS, uploadWorker } from "./emulator-client.js";

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
    const worker = await made(WORKERS, { name: "gradual-binder" });
    const version = (namespace: string) =>
      made(`${WORKERS}/${worker}/versions`, {
        main_module: "index.js",
        modules: [{ name: "index.js", content_type: "application/javascript+module", content_base64: btoa(code) }],
        bindings: [{ name: "NS", type: "kv_namespace", namespace_id: namespace }],
      });
    const [first, second] = [await version(id), await version(other)];
    await made(`${SCRIPTS}/gradual-binder/deployments`, deployment([first, 100]));

    const refused = await api(emulator, "DELETE", `${KV}/${id}`);
    expect(refused.status).toBe(400);
    expect(refused.json.errors).toEqual([
      { code: 10052, message: "namespace has associated scripts: binder, gradual-binder" },
    ]);
    await api(emulator, "DELETE", `${SCRIPTS}/binder`);
    await made(`${SCRIPTS}/gradual-binder/deployments`, deployment([second, 100]));
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

describe("Workers", () => {
  it("are called by name, by route and by domain, and keep their secrets to themselves", async () => {
    const script = `export default { fetch(request, env) { return new Response(env.PASSPHRASE + " " + new URL(request.url).host); } };`;
    const bindings = [{ name: "PASSPHRASE", type: "secret_text", text: "sesame" }];
    expect((await uploadWorker(emulator, "caller", script, { bindings })).status).toBe(200);
    await made(`/zones/${"3".repeat(32)}/workers/routes`, { pattern: "example.com/api/*", script: "caller" });
    await api(emulator, "PUT", `/accounts/${ACCOUNT}/workers/domains`, {
      body: { hostname: "shop.example.com", service: "caller", zone_id: "3".repeat(32) },
    });

    const { port } = new URL(emulator.url);
    expect((await callWorker(emulator, `caller.localhost:${port}`)).body.toString()).toBe(
      `sesame caller.localhost:${port}`,
    );
    expect((await callWorker(emulator, "example.com", "/api/x")).body.toString()).toBe("sesame example.com");
    expect((await callWorker(emulator, "shop.example.com")).body.toString()).toBe("sesame shop.example.com");
    expect((await callWorker(emulator, "example.com", "/other")).status).toBe(403);
    expect((await callWorker(emulator, "nobody.localhost")).status).toBe(404);
    const told = await api(emulator, "GET", `${SCRIPTS}/caller/settings`);
    expect(told.body.toString()).not.toContain("sesame");
  });

  it("whose code does not load are refused, and what ran before goes on", async () => {
    const says = (word: string) => `export default { fetch() { return new Response("${word}"); } };`;
    await uploadWorker(emulator, "careful", says("one"));
    const refused = await uploadWorker(emulator, "careful", "export default {;");

    expect(refused.status).toBe(400);
    expect(refused.json.errors[0]).toMatchObject({
      code: 10021,
      message: expect.stringContaining("Uncaught SyntaxError: Unexpected token ';'") as string,
    });
    expect((await callWorker(emulator, "careful.localhost")).body.toString()).toBe("one");
    expect((await uploadWorker(emulator, "never", "throw new Error('no')")).status).toBe(400);
    expect((await api(emulator, "GET", `${SCRIPTS}/never/settings`)).status).toBe(404);
  });

  it("that only this machine cannot run are kept, with a note", async () => {
    const flags = { compatibility_flags: ["a_flag_of_tomorrow"] };
    expect((await uploadWorker(emulator, "tomorrow", "export default {}", flags)).status).toBe(200);

    expect(emulator.notes().join("\n")).toContain("not running: Worker 'tomorrow': No such compatibility flag");
    expect((await api(emulator, "GET", "/../../emulator/notes")).status).toBe(404);
    expect((await call(emulator, "GET", "/emulator/notes")).json.result).toEqual(emulator.notes());
    await api(emulator, "DELETE", `${SCRIPTS}/tomorrow`);

    const bindings = [{ name: "R", type: "ratelimit", simple: {} }];
    expect((await uploadWorker(emulator, "odd", "export default {}", { bindings })).status).toBe(200);
    expect(emulator.notes()).toContain("odd: binding R (ratelimit) is not emulated and is left out");
    expect((await callWorker(emulator, "careful.localhost")).body.toString()).toBe("one");
    await api(emulator, "DELETE", `${SCRIPTS}/odd`);
  });

  it("keep created_on, bindings of the kinds to keep, and code over a rename", async () => {
    const script = `export default { fetch(request, env) { return Response.json(Object.keys(env).sort()); } };`;
    const first = await uploadWorker(emulator, "kept", script, {
      bindings: [
        { name: "S", type: "secret_text", text: "s" },
        { name: "OLD", type: "plain_text", text: "o" },
      ],
    });
    now = new Date(now.getTime() + 60_000);
    const second = await uploadWorker(emulator, "kept", script, {
      bindings: [{ name: "NEW", type: "plain_text", text: "n" }],
      keep_bindings: ["secret_text"],
    });
    const times = (answer: typeof first) => answer.json.result as { created_on: string; modified_on: string };

    expect(times(second).created_on).toBe(times(first).created_on);
    expect(times(second).modified_on).not.toBe(times(first).modified_on);
    expect((await callWorker(emulator, "kept.localhost")).json).toEqual(["NEW", "S"]);
    const { json } = await api(emulator, "GET", `${WORKERS}/kept`);
    const { id } = json.result as { id: string };
    expect((await api(emulator, "PUT", `${WORKERS}/${id}`, { body: { name: "kept-renamed" } })).status).toBe(200);
    expect((await callWorker(emulator, "kept-renamed.localhost")).status).toBe(200);
    expect((await api(emulator, "GET", `${SCRIPTS}/kept/settings`)).status).toBe(404);
  });

  it("split traffic between two versions, in the order they were given", async () => {
    const worker = await made(WORKERS, { name: "halves", subdomain: { enabled: true } });
    const version = (word: string) =>
      made(`${WORKERS}/${worker}/versions`, {
        main_module: "index.js",
        modules: [
          {
            name: "index.js",
            content_type: "application/javascript+module",
            content_base64: btoa(`export default { fetch() { return new Response("${word}"); } };`),
          },
        ],
        bindings: [
          { name: "Z", type: "plain_text", text: "z" },
          { name: "A", type: "secret_text", text: "hidden" },
        ],
      });
    const [a, b] = [await version("a"), await version("b")];
    const id = await made(`${SCRIPTS}/halves/deployments`, deployment([b, 50], [a, 50]));
    const seen = new Set<string>();
    for (let n = 0; n < 60 && seen.size < 2; n++)
      seen.add((await callWorker(emulator, "halves.localhost")).body.toString());

    expect([...seen].sort()).toEqual(["a", "b"]);
    await made(`${SCRIPTS}/halves/deployments`, deployment([a, 100]));
    const former = (await api(emulator, "GET", `${SCRIPTS}/halves/deployments/${id}`)).json.result as {
      versions: unknown;
    };
    expect(former.versions).toEqual([
      { version_id: b, percentage: 50 },
      { version_id: a, percentage: 50 },
    ]);
    const shown = (await api(emulator, "GET", `${WORKERS}/halves/versions/${a}`)).json.result as { bindings: unknown };
    expect(shown.bindings).toEqual([
      { name: "A", type: "secret_text" },
      { name: "Z", type: "plain_text", text: "z" },
    ]);
    expect((await api(emulator, "GET", `${WORKERS}/${worker}`)).json.result).toMatchObject({
      subdomain: { enabled: true, previews_enabled: true },
    });
    for (const wrong of [deployment([a, 50]), deployment([a, 60], [b, 60]), deployment(["nope", 100])]) {
      expect((await api(emulator, "POST", `${SCRIPTS}/halves/deployments`, { body: wrong })).status).toBe(400);
    }
  });

  it("run on their crons when triggered", async () => {
    const script = `export default { async scheduled(event, env) { await env.KV.put("ran", event.cron, { expirationTtl: 600 }); } };`;
    const id = await createNamespace(emulator, "crons");
    await uploadWorker(emulator, "jobs", script, {
      bindings: [{ name: "KV", type: "kv_namespace", namespace_id: id }],
    });

    expect(await emulator.trigger("jobs", "*/5 * * * *")).toBe("ok");
    const ran = await api(emulator, "GET", `${KV}/${id}/values/ran`);
    expect(ran.body.toString()).toBe("*/5 * * * *");
    expect(Number(ran.headers.expiration)).toBeGreaterThan(Date.now() / 1000 + 500);
    expect((await call(emulator, "POST", "/emulator/trigger?worker=jobs&cron=0+0+*+*+*")).json.result).toEqual({
      outcome: "ok",
    });
    expect((await call(emulator, "POST", "/emulator/trigger?worker=nobody&cron=x")).status).toBe(400);
  });
});

describe("assets", () => {
  it("are taken in by session, each file once", async () => {
    await uploadWorker(emulator, "site", "export default {}");
    const hash = "ab".repeat(16);
    const start = () =>
      api(emulator, "POST", `${SCRIPTS}/site/assets-upload-session`, {
        body: { manifest: { "/a.html": { hash, size: 2 } } },
      });
    const session = (await start()).json.result as { jwt: string; buckets: string[][] };
    const form = new FormData();
    form.set(hash, new Blob([btoa("hi")], { type: "text/html" }), hash);
    const encoded = new Response(form);
    const upload = await api(emulator, "POST", `/accounts/${ACCOUNT}/workers/assets/upload?base64=true`, {
      body: new Uint8Array(await encoded.arrayBuffer()),
      headers: { "content-type": encoded.headers.get("content-type") ?? "", authorization: `Bearer ${session.jwt}` },
    });

    expect(session.buckets).toEqual([[hash]]);
    expect((upload.json.result as { jwt: string }).jwt).toMatch(/^\S{20,}$/);
    expect(((await start()).json.result as { buckets: unknown }).buckets).toEqual([]);
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

describe("uploads that Cloudflare refuses", () => {
  const refusal = async (metadata: object, script = "export default {}; export class Room {}") => {
    const { status, json } = await uploadWorker(emulator, "refused", script, metadata as Record<string, unknown>);
    return status === 200 ? undefined : json.errors[0]?.code;
  };
  const room = { bindings: [{ name: "ROOM", type: "durable_object_namespace", class_name: "Room" }] };

  it("name what does not exist", async () => {
    const bound = (binding: object) => refusal({ bindings: [{ name: "B", ...binding }] });

    expect(await bound({ type: "kv_namespace", namespace_id: "0".repeat(32) })).toBe(10041);
    expect(await bound({ type: "d1", id: "00000000-0000-0000-0000-000000000000" })).toBe(10181);
    expect(await bound({ type: "service", service: "nobody" })).toBe(10143);
    expect(await bound({ type: "secret_text" })).toBe(10021);
    expect(await refusal({ compatibility_date: "2999-01-01" })).toBe(10021);
    expect(await refusal({ main_module: "other.js" })).toBe(10021);
  });

  it("bind a Durable Object without a migration, or migrate from another tag", async () => {
    const v1 = { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] };
    expect(await refusal(room)).toBe(10061);
    expect(await refusal({ ...room, migrations: { ...v1, old_tag: "v0" } })).toBe(10079);
    expect(await refusal({ ...room, migrations: v1 })).toBeUndefined();
    expect(await refusal({ ...room, migrations: v1 })).toBe(10079);
    const again = { old_tag: "v1", new_tag: "v2", steps: [{ new_sqlite_classes: ["Room"] }] };
    expect(await refusal({ ...room, migrations: again })).toBe(10074);
    const deleted = { old_tag: "v1", new_tag: "v2", steps: [{ deleted_classes: ["Room"] }] };
    expect(await refusal({ ...room, migrations: deleted })).toBe(10061);
    expect(await refusal({ migrations: deleted })).toBeUndefined();
  });
});

it("refuses JSON that is nested thousands of levels deep, and keeps working", async () => {
  const deep = "[".repeat(5000) + "]".repeat(5000);
  const id = await createNamespace(emulator, "deep");
  const bulk = await api(emulator, "PUT", `${KV}/${id}/bulk`, { body: `[{"key":"k","value":"v","metadata":${deep}}]` });
  const worker = await api(emulator, "POST", WORKERS, { body: `{"name":"deep","tags":${deep}}` });

  expect([bulk.status, worker.status]).toEqual([400, 400]);
  expect((await api(emulator, "DELETE", `${KV}/${id}`)).status).toBe(200);
});

it("reads expirations after 2038, in bulk too", async () => {
  const id = await createNamespace(emulator, "far");
  await api(emulator, "PUT", `${KV}/${id}/values/k?expiration=4102444800`, { body: "v" });
  const read = { keys: ["k"], withMetadata: true };

  expect((await api(emulator, "GET", `${KV}/${id}/values/k`)).headers.expiration).toBe("4102444800");
  expect((await api(emulator, "POST", `${KV}/${id}/bulk/get`, { body: read })).json.result).toEqual({
    values: { k: { value: "v", metadata: null, expiration: 4102444800 } },
  });
});

it("reads the expiration of each key, whatever sorts beside it", async () => {
  const id = await createNamespace(emulator, "beside");
  const keys = ["a", "a\u{10FFFF}x", "b", "b\u0001", "b10", "é", "\uE000", "\u{10000}", "\u0001"];
  const pairs = keys.map((key, at) => ({ key, value: "v", expiration: 4_000_000_000 + at }));
  await api(emulator, "PUT", `${KV}/${id}/bulk`, { body: [...pairs, { key: "forever", value: "v" }] });
  const read = { keys: [...keys, "forever", "none"], withMetadata: true };
  const { json } = await api(emulator, "POST", `${KV}/${id}/bulk/get`, { body: read });
  const { values } = json.result as { values: Record<string, { expiration?: number } | null> };

  expect(keys.map((key) => values[key]?.expiration)).toEqual(pairs.map(({ expiration }) => expiration));
  expect([values["forever"], values["none"]]).toEqual([{ value: "v", metadata: null }, null]);
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

/** Creates something. @returns its id */
async function made(path: string, body: unknown): Promise<string> {
  const answer = await api(emulator, "POST", path, { body });
  expect({ path, status: answer.status, text: answer.body.toString() }).toMatchObject({ path, status: 200 });
  return (answer.json.result as { id: string }).id;
}

function deployment(...versions: [id: string, percentage: number][]): object {
  return { strategy: "percentage", versions: versions.map(([version_id, percentage]) => ({ version_id, percentage })) };
}
