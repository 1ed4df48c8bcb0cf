import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { ACCOUNT, api, callWorker, SCRIPTS, uploadWorker } from "./emulator-client.js";

jest.setTimeout(60_000);

/** Counts in a Durable Object, in R2 and in D1. */
const SOURCE = `const count = {
  room: async (env) => (await env.ROOM.get(env.ROOM.idFromName("a")).fetch("http://room")).text(),
  bucket: async (env) => {
    const n = Number(await (await env.BUCKET.get("n"))?.text() ?? 0) + 1;
    await env.BUCKET.put("n", String(n));
    return String(n);
  },
  database: async (env) => {
    await env.DB.exec("create table if not exists t (n integer)");
    await env.DB.exec("insert into t values (1)");
    return String(await env.DB.prepare("select count(*) as n from t").first("n"));
  },
};
export default { fetch: async (request, env) => new Response(await count[new URL(request.url).pathname.slice(1)](env)) };
export class Room {
  constructor(context) { this.storage = context.storage; }
  async fetch() {
    const n = ((await this.storage.get("n")) ?? 0) + 1;
    await this.storage.put("n", n);
    return new Response(String(n));
  }
}
export class Hall extends Room {}`;

let folder: string;
let emulator: Emulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfkv-stored-"));
  emulator = await startEmulator({ dataFolder: folder });
});
afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

async function createDatabase(): Promise<string> {
  const { json } = await api(emulator, "POST", `/accounts/${ACCOUNT}/d1/database`, { body: { name: "lab" } });
  return (json.result as { uuid: string }).uuid;
}

async function deploy(database: string, className: string, migrations?: object): Promise<void> {
  const bindings = [
    { name: "ROOM", type: "durable_object_namespace", class_name: className },
    { name: "BUCKET", type: "r2_bucket", bucket_name: "bucket" },
    { name: "DB", type: "d1", id: database },
  ];
  const { status } = await uploadWorker(emulator, "lab", SOURCE, { bindings, ...(migrations && { migrations }) });
  expect(status).toBe(200);
}

const FIRST = { new_tag: "v1", new_sqlite_classes: ["Room"] };

/** Counts on, everywhere. */
async function counts(): Promise<string[]> {
  const answers = [];
  for (const path of ["/room", "/bucket", "/database"]) answers.push(await callWorker(emulator, "lab.localhost", path));
  return answers.map(({ body }) => body.toString());
}

/** The files of data, without those that Miniflare keeps of each kind. */
function stored(): string[] {
  return ["do", "r2", "d1"].flatMap((kind) =>
    readdirSync(join(folder, kind), { recursive: true, encoding: "utf8" }).filter(
      (path) => /\.sqlite$|blobs\/./.test(path) && !path.endsWith("metadata.sqlite"),
    ),
  );
}

it("finds no objects of a Worker that was deleted before, and leaves the bucket, which is not the Worker's", async () => {
  const database = await createDatabase();
  await deploy(database, "Room", FIRST);
  expect([await counts(), await counts()]).toEqual([
    ["1", "1", "1"],
    ["2", "2", "2"],
  ]);
  await api(emulator, "DELETE", `${SCRIPTS}/lab`);
  await deploy(database, "Room", FIRST);

  expect(await counts()).toEqual(["1", "3", "3"]);
});

it("keeps the objects of a class that is renamed, and deletes those of a class that is deleted", async () => {
  const database = await createDatabase();
  await deploy(database, "Room", FIRST);
  await counts();
  const renamed_classes = [{ from: "Room", to: "Hall" }];
  await deploy(database, "Hall", { old_tag: "v1", new_tag: "v2", renamed_classes });
  expect(await counts()).toEqual(["2", "2", "2"]);

  await deploy(database, "Room", {
    old_tag: "v2",
    new_tag: "v3",
    steps: [{ deleted_classes: ["Hall"] }, { new_sqlite_classes: ["Room"] }],
  });
  expect(await counts()).toEqual(["1", "3", "3"]);
});

it("leaves no file of what a reset deleted", async () => {
  await deploy(await createDatabase(), "Room", FIRST);
  await counts();
  expect(stored()).toHaveLength(4);
  await emulator.reset();
  await deploy(await createDatabase(), "Room", FIRST);

  expect(await counts()).toEqual(["1", "1", "1"]);
  expect(stored()).toHaveLength(4);
  await emulator.reset();
  await emulator.close();
  expect(stored()).toEqual([]);
  emulator = await startEmulator({ dataFolder: folder });
});

it("keeps everything over a restart", async () => {
  const database = await createDatabase();
  await deploy(database, "Room", FIRST);
  await counts();
  await emulator.close();
  emulator = await startEmulator({ dataFolder: folder });

  expect(await counts()).toEqual(["2", "2", "2"]);
});

it("removes the code of Workers that were deleted, with the next start at the latest, and no other", async () => {
  const blobs = () => readdirSync(join(folder, "blobs")).length;
  const says = (word: string) => `export default { fetch() { return new Response("${word}"); } };`;
  await uploadWorker(emulator, "kept", says("kept"));
  await uploadWorker(emulator, "gone", says("gone"));
  expect(blobs()).toBe(2);
  await api(emulator, "DELETE", `${SCRIPTS}/gone`);
  await emulator.close();
  expect(blobs()).toBe(1);
  writeFileSync(join(folder, "blobs", "left-by-a-kill"), "");
  emulator = await startEmulator({ dataFolder: folder });

  expect(blobs()).toBe(1);
  expect((await callWorker(emulator, "kept.localhost")).body.toString()).toBe("kept");
});
