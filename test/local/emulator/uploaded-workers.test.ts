import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import {
  ACCOUNT,
  api,
  call,
  callWorker,
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

describe("Workers", () => {
  it("are called by name, by route and by domain, and keep their secrets to themselves", async () => {
    const script = `export default { fetch(request, env) { return new Response(env.PASSPHRASE + " " + new URL(request.url).host); } };`;
    const bindings = [{ name: "PASSPHRASE", type: "secret_text", text: "sesame" }];
    expect((await uploadWorker(emulator, "caller", script, { bindings })).status).toBe(200);
    await create(emulator, `/zones/${"3".repeat(32)}/workers/routes`, {
      pattern: "example.com/api/*",
      script: "caller",
    });
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
    const worker = await create(emulator, WORKERS, { name: "halves", subdomain: { enabled: true } });
    const version = (word: string) =>
      create(emulator, `${WORKERS}/${worker}/versions`, {
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
    const id = await create(emulator, `${SCRIPTS}/halves/deployments`, deployment([b, 50], [a, 50]));
    const seen = new Set<string>();
    for (let n = 0; n < 60 && seen.size < 2; n++)
      seen.add((await callWorker(emulator, "halves.localhost")).body.toString());

    expect([...seen].sort()).toEqual(["a", "b"]);
    await create(emulator, `${SCRIPTS}/halves/deployments`, deployment([a, 100]));
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
