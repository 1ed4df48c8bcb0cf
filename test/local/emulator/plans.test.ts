import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { ACCOUNT, api, callWorker, SCRIPTS, uploadWorker, type Answer } from "./emulator-client.js";

jest.setTimeout(60_000);

const A = `/accounts/${ACCOUNT}`;
const CODE = "export default { fetch() { return new Response('here'); } };";
const MODULE = {
  content_base64: Buffer.from(CODE).toString("base64"),
  content_type: "application/javascript+module",
  name: "index.js",
};

/** What Terraform was told and what it reads later must be the same, or every plan has a change. */
describe("what Terraform reads again", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  const result = ({ json }: Answer): Record<string, unknown> => json.result;
  const get = (path: string): Promise<Answer> => api(emulator, "GET", path);
  const sent = (method: string, path: string, body: unknown): Promise<Answer> => api(emulator, method, path, { body });

  it("is a Worker with every field that was sent, known here or not", async () => {
    const observability = { enabled: true, head_sampling_rate: 0.1, traces: { enabled: true, persist: true } };
    const settings = { logpush: true, tags: ["b", "a"], tail_consumers: [{ name: "tail" }], observability };
    const body = { name: "echo", ...settings, not_yet_known: { mode: "on" }, unset: null };
    const created = result(await sent("POST", `${A}/workers/workers`, body));

    expect(created).toMatchObject({ ...settings, name: "echo", not_yet_known: { mode: "on" } });
    expect(created).not.toHaveProperty("unset");
    expect(result(await get(`${A}/workers/workers/${String(created.id)}`))).toEqual(created);
    const path = `${A}/workers/workers/${String(created.id)}`;
    const put = result(await sent("PUT", path, { ...body, references: { queues: [1] }, id: "x", tags: ["c"] }));
    expect(put).toMatchObject({ id: created.id, created_on: created.created_on, tags: ["c"] });
    expect(put.references).toEqual(created.references);
  });

  it("is a version with every field that was sent, and none that was not", async () => {
    const worker = result(await sent("POST", `${A}/workers/workers`, { name: "versions" }));
    const path = `${A}/workers/workers/${String(worker.id)}/versions`;
    const fields = { main_module: "index.js", compatibility_date: "2026-01-15", usage_model: "standard" };
    const body = { ...fields, modules: [MODULE], limits: { cpu_ms: 50 }, not_yet_known: [1], bindings: [] };
    const version = result(await sent("POST", path, body));

    expect(Object.keys(version).sort()).toEqual([
      "annotations",
      "compatibility_date",
      "created_on",
      "id",
      "limits",
      "main_module",
      "not_yet_known",
      "number",
      "source",
      "usage_model",
    ]);
    expect(result(await get(`${path}/${String(version.id)}`))).toEqual(version);
    expect(result(await get(`${path}/${String(version.id)}?include=modules`))).toEqual({
      ...version,
      modules: [MODULE],
    });
  });

  it("is a script's placement, in the answer to the upload and in the settings", async () => {
    const upload = await uploadWorker(emulator, "placed", CODE, { placement: { mode: "smart" } });
    expect(result(upload)).toHaveProperty("placement", { mode: "smart" });
    expect(result(await get(`${SCRIPTS}/placed/settings`))).toHaveProperty("placement", { mode: "smart" });
    await uploadWorker(emulator, "placed", CODE);
    expect(result(await get(`${SCRIPTS}/placed/settings`))).toHaveProperty("placement", {});
  });

  it("is the tag of the last migration, and assets that were to be kept", async () => {
    const migrations = { new_tag: "v1", new_sqlite_classes: ["Counter"] };
    const code = `${CODE}\nexport class Counter {}`;
    const first = result(await uploadWorker(emulator, "tagged", code, { migrations, assets: { config: {} } }));
    expect(first).toMatchObject({ migration_tag: "v1", has_assets: true });
    const second = result(await uploadWorker(emulator, "tagged", code, { keep_assets: true }));
    expect(second).toMatchObject({ migration_tag: "v1", has_assets: true });
    expect(result(await uploadWorker(emulator, "tagged", code))).toMatchObject({ has_assets: false });
  });

  it("is no code at all where none was uploaded", async () => {
    await sent("POST", `${A}/workers/workers`, { name: "codeless" });
    const content = await get(`${SCRIPTS}/codeless/content/v2`);
    expect([content.status, content.body.byteLength]).toEqual([204, 0]);
  });

  it("is the zone that a custom domain was sent with", async () => {
    const body = { hostname: "shop.example.co.uk", service: "echo", zone_name: "example.co.uk" };
    const domain = result(await sent("PUT", `${A}/workers/domains`, body));
    expect(domain).toMatchObject(body);
    expect(result(await get(`${A}/workers/domains/${String(domain.id)}`))).toEqual(domain);
    const zones = (await get("/zones?name=example.co.uk")).json.result as { id: string; name: string }[];
    expect(zones).toEqual([expect.objectContaining({ id: domain.zone_id, name: "example.co.uk" })]);
    expect(result(await get(`/zones/${String(domain.zone_id)}`)).id).toBe(domain.zone_id);
  });

  it("ends with an empty page in every list", async () => {
    await uploadWorker(emulator, "listed", CODE);
    const lists = ["workers/scripts", "workers/workers", "workers/domains", "storage/kv/namespaces", "d1/database"];
    for (const list of lists) {
      expect([list, (await get(`${A}/${list}?page=2`)).json.result]).toEqual([list, []]);
    }
    const names = ((await get(`${A}/workers/scripts`)).json.result as { id: string }[]).map(({ id }) => id);
    expect(names).toContain("listed");
  });

  it("is gone once it is deleted: former deployments and versions too", async () => {
    const worker = result(await sent("POST", `${A}/workers/workers`, { name: "rollout" }));
    const versions = `${A}/workers/workers/${String(worker.id)}/versions`;
    const deployments = `${SCRIPTS}/rollout/deployments`;
    const version = result(await sent("POST", versions, { main_module: "index.js", modules: [MODULE] }));
    const all = { strategy: "percentage", versions: [{ version_id: version.id, percentage: 100 }] };
    const former = result(await sent("POST", deployments, all));
    const active = result(await sent("POST", deployments, all));

    expect((await api(emulator, "DELETE", `${deployments}/${String(active.id)}`)).status).toBe(400);
    const gone = await api(emulator, "DELETE", `${deployments}/${String(former.id)}`);
    expect([gone.status, gone.headers["content-type"]]).toEqual([200, "application/json"]);
    expect((await get(`${deployments}/${String(former.id)}`)).status).toBe(404);
    expect((await callWorker(emulator, "rollout.localhost")).body.toString()).toBe("here");

    expect((await api(emulator, "DELETE", `${versions}/${String(version.id)}`)).status).toBe(200);
    expect((await get(`${versions}/${String(version.id)}`)).status).toBe(404);
    expect((await callWorker(emulator, "rollout.localhost")).status).toBe(404);
    expect((await callWorker(emulator, "listed.localhost")).body.toString()).toBe("here");
  });

  it("are crons, sent bare or in an object", async () => {
    const path = `${SCRIPTS}/listed/schedules`;
    const bare = result(await sent("PUT", path, [{ cron: "*/5 * * * *" }]));
    const wrapped = result(await sent("PUT", path, { schedules: [{ cron: "*/5 * * * *" }] }));
    expect((wrapped.schedules as object[])[0]).toMatchObject({
      cron: "*/5 * * * *",
      created_on: (bare.schedules as { created_on: string }[])[0]?.created_on,
    });
  });

  it("takes names that begin with an underscore", async () => {
    expect((await uploadWorker(emulator, "_internal", CODE)).status).toBe(200);
    expect((await callWorker(emulator, "_internal.localhost")).body.toString()).toBe("here");
    expect((await uploadWorker(emulator, "-internal", CODE)).status).toBe(400);
  });
});
