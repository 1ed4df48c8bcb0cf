import { createHash } from "node:crypto";
import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { type Engine, startEngine } from "../../../src/local/engine/engine.js";
import type { EngineAssets, EngineNote } from "../../../src/local/engine/types.js";
import { tempDirs } from "../../support/temp-dir.js";
import { ACCOUNT, type Answer, api, callWorker, SCRIPTS, uploadWorker } from "../emulator/emulator-client.js";

jest.setTimeout(60_000);

const dirs = tempDirs();

const CODE = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/through") return env.ASSETS.fetch(new URL("/page.html", request.url));
    return new Response("code " + pathname + " " + globalThis.last);
  },
  scheduled({ cron }) { globalThis.last = cron; },
};`;

describe("static assets of a Worker", () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await startEngine();
    dirs.write("site/index.html", "home");
    dirs.write("site/page.html", "page");
    dirs.write("site/_headers", "/page\n  x-from: headers\n");
    dirs.write("site/_redirects", "/old /page 301\n");
    // Miniflare does not know the errors of Jest's realm, and fails over a file that is not there.
    dirs.write("site/.assetsignore", "");
  });
  afterEach(() => engine.dispose());

  async function run(assets: Partial<EngineAssets> = {}, code?: string): Promise<readonly EngineNote[]> {
    const version = {
      id: "v",
      ...(code === undefined ? {} : { code: { modules: [{ name: "i.js", content: code }] } }),
      compatibilityDate: "2026-01-15",
      assets: { directory: dirs.path("site"), ...assets },
      bindings: [{ type: "assets" as const, name: "ASSETS" }],
    };
    return engine.apply({ namespaces: [], workers: [{ name: "site", versions: [version] }] });
  }

  const get = async (path: string): Promise<string> => (await fetch(engine.url + path)).text();

  it("are served before the code, which gets the rest, its binding and its crons", async () => {
    await run({}, CODE);
    expect(await get("/")).toBe("home");
    const page = await fetch(`${engine.url}/page`);
    expect([await page.text(), page.headers.get("x-from")]).toEqual(["page", "headers"]);
    expect((await fetch(`${engine.url}/old`, { redirect: "manual" })).headers.get("location")).toBe("/page");
    expect(await get("/through")).toBe("page");
    expect(await engine.scheduled("site", "0 0 * * *")).toMatchObject({ outcome: "ok" });
    expect(await get("/other")).toBe("code /other 0 0 * * *");
  });

  it("come after the code where that is wanted", async () => {
    await run({ runWorkerFirst: true }, CODE);
    expect(await get("/page")).toBe("code /page undefined");
    await run({ runWorkerFirst: ["/*", "!/page"] }, CODE);
    expect([await get("/"), await get("/page")]).toEqual(["code / undefined", "page"]);
  });

  it("are a Worker of their own, with the page for what is not there", async () => {
    await run({ notFoundHandling: "single-page-application" });
    expect(await get("/page")).toBe("page");
    expect(await (await fetch(`${engine.url}/any/path`, { headers: { "sec-fetch-mode": "navigate" } })).text()).toBe(
      "home",
    );
    await run();
    expect((await fetch(`${engine.url}/any/path`)).status).toBe(404);
  });

  it("are served of one Worker at a time, and a note tells of the others", async () => {
    const assets = { directory: dirs.path("site") };
    const workers = ["a", "b"].map((name) => ({ name, versions: [{ id: "v", assets }] }));
    expect(await engine.apply({ namespaces: [], workers })).toEqual([
      {
        code: "ASSETS_NOT_SERVED",
        worker: "b",
        message: "static assets of b are not served: only one Worker's assets can be served at a time",
      },
    ]);
    expect(await (await engine.dispatch("http://a.localhost/page")).text()).toBe("page");
  });
});

describe("static assets that are uploaded", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  /** As Terraform's provider does it. @returns the token for the upload of the Worker */
  async function upload(files: Readonly<Record<string, string>>): Promise<string> {
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
    const manifest = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, { hash: hash(text), size: text.length }]),
    );
    const started = await api(emulator, "POST", `${SCRIPTS}/site/assets-upload-session`, { body: { manifest } });
    let { jwt } = started.json.result as { jwt: string };
    for (const bucket of (started.json.result as { buckets: string[][] }).buckets) {
      const form = new FormData();
      for (const text of Object.values(files)) {
        if (bucket.includes(hash(text))) form.set(hash(text), new Blob([btoa(text)], { type: "text/html" }), "name");
      }
      const encoded = new Response(form);
      const answer = await api(emulator, "POST", `/accounts/${ACCOUNT}/workers/assets/upload?base64=true`, {
        body: new Uint8Array(await encoded.arrayBuffer()),
        headers: { "content-type": encoded.headers.get("content-type") ?? "", authorization: `Bearer ${jwt}` },
      });
      jwt = (answer.json.result as { jwt: string | null }).jwt ?? jwt;
    }
    return jwt;
  }

  const page = async (path: string): Promise<string> =>
    (await callWorker(emulator, "site.localhost", path)).body.toString();

  /** An upload without a part for code. */
  async function uploadBare(metadata: object): Promise<Answer> {
    const form = new FormData();
    form.set("metadata", JSON.stringify(metadata));
    const encoded = new Response(form);
    return api(emulator, "PUT", `${SCRIPTS}/site`, {
      body: new Uint8Array(await encoded.arrayBuffer()),
      headers: { "content-type": encoded.headers.get("content-type") ?? "" },
    });
  }

  it("are served with the Worker's code, and kept or dropped with the next upload as it says", async () => {
    const jwt = await upload({ "/page.html": "page", "/a%20b/c.txt": "encoded" });
    const bindings = [{ name: "ASSETS", type: "assets" }];
    await uploadWorker(emulator, "site", CODE, {
      assets: { jwt, config: { _headers: "/page\n  x-a: b\n" } },
      bindings,
    });
    expect([await page("/page"), await page("/a%20b/c.txt"), await page("/through")]).toEqual([
      "page",
      "encoded",
      "page",
    ]);
    expect((await callWorker(emulator, "site.localhost", "/page")).headers["x-a"]).toBe("b");

    await uploadWorker(emulator, "site", CODE, { keep_assets: true });
    expect(await page("/page")).toBe("page");
    await uploadWorker(emulator, "site", CODE);
    expect(await page("/page")).toBe("code /page undefined");
  });

  it("are a Worker without code, whose content is empty", async () => {
    const jwt = await upload({ "/index.html": "alone" });
    const put = await uploadBare({ assets: { jwt, config: { not_found_handling: "404-page" } } });
    expect([put.status, put.json.result]).toEqual([200, expect.objectContaining({ has_assets: true })]);
    expect(await page("/")).toBe("alone");
    expect((await callWorker(emulator, "site.localhost", "/none")).status).toBe(404);
    expect((await api(emulator, "GET", `${SCRIPTS}/site/content/v2`)).status).toBe(204);
  });

  it("are refused when the token is of no upload, or a path leads out of the folder", async () => {
    expect((await uploadBare({ assets: { jwt: "made-up" } })).status).toBe(400);
    const body = { manifest: { "/../x": { hash: "ab".repeat(16), size: 1 } } };
    expect((await api(emulator, "POST", `${SCRIPTS}/site/assets-upload-session`, { body })).status).toBe(400);
  });
});
