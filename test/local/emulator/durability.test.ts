import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../../src/local/emulator/emulator.js";
import { api, callWorker, createNamespace, KV, SCRIPTS, uploadWorker } from "./emulator-client.js";
import { eventually, workerdsOf } from "../../support/workerd-processes.js";

jest.setTimeout(180_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfkv-durable-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const says = (word: string) => `export default { fetch() { return new Response("${word}"); } };`;

it("keeps everything between runs in private files", async () => {
  const first = await startEmulator({ dataFolder: folder });
  const id = await createNamespace(first, "kept");
  await api(first, "PUT", `${KV}/${id}/values/k`, { body: "v" });
  await uploadWorker(first, "kept", says("kept"), { bindings: [{ name: "S", type: "secret_text", text: "sesame" }] });
  const gone = await createNamespace(first, "deleted");
  await api(first, "PUT", `${KV}/${gone}/values/k`, { body: "v" });
  await api(first, "DELETE", `${KV}/${gone}`);
  await first.close();

  const second = await startEmulator({ dataFolder: folder });
  expect((await api(second, "GET", `${KV}/${id}/values/k`)).body.toString()).toBe("v");
  expect((await callWorker(second, "kept.localhost")).body.toString()).toBe("kept");
  expect((await api(second, "GET", `${KV}/${gone}`)).status).toBe(404);
  expect(readdirSync(join(folder, "kv"))).not.toContain(gone);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "state.json")).mode & 0o777).toBe(0o600);
  await expect(startEmulator({ dataFolder: folder })).rejects.toMatchObject({ code: "DATA_FOLDER_IN_USE" });
  await second.close();
});

it("refuses a state it cannot read, and leaves it as it is", async () => {
  writeFileSync(join(folder, "state.json"), '{"version":99}');

  await expect(startEmulator({ dataFolder: folder })).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
  expect(readFileSync(join(folder, "state.json"), "utf8")).toBe('{"version":99}');
});

it("survives kill -9 at any moment of a bulk write: all of its pairs are there, or none", async () => {
  const pairs = Array.from({ length: 3000 }, (_, n) => ({
    key: `k${n}`,
    value: `${n}:${"x".repeat(n % 500)}`,
    metadata: { n },
  }));
  let id: string | undefined;
  let sawNone = false;
  for (const delay of [30, 200, 500, 900, 1500]) {
    const { child, emulator } = await startChild();
    id ??= await createNamespace(emulator, "bulk");
    const writing = api(emulator, "PUT", `${KV}/${id}/bulk`, { body: pairs }).catch(() => undefined);
    const uploading = uploadWorker(emulator, `w${delay}`, says("w")).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, delay));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await Promise.all([ended, writing, uploading]);

    const after = await startEmulator({ dataFolder: folder });
    const keys = await allKeys(after, id);
    sawNone ||= keys.length === 0;
    expect([0, pairs.length]).toContain(keys.length);
    for (const { name, metadata } of keys.filter((_, at) => at % 7 === 0)) {
      const n = Number(name.slice(1));
      const value = (await api(after, "GET", `${KV}/${id}/values/${name}`)).body.toString();
      expect({ name, value, metadata }).toEqual({ name, value: pairs[n]?.value, metadata: { n } });
    }
    for (const { id: name } of (await api(after, "GET", SCRIPTS)).json.result as { id: string }[]) {
      expect((await callWorker(after, `${name}.localhost`)).body.toString()).toBe("w");
    }
    const cleared = keys.map(({ name }) => name);
    if (cleared.length > 0) {
      expect((await api(after, "POST", `${KV}/${id}/bulk/delete`, { body: cleared })).status).toBe(200);
    }
    await after.close();
  }
  // Otherwise no kill came before the end of a write, and nothing was tested.
  expect(sawNone).toBe(true);
});

it("continues when workerd is killed: requests in the meantime wait or get a 503 that clients repeat", async () => {
  const emulator = await startEmulator({ dataFolder: folder });
  const id = await createNamespace(emulator, "kept");
  await api(emulator, "PUT", `${KV}/${id}/values/k`, { body: "v" });
  await uploadWorker(emulator, "w", says("w"));
  expect((await callWorker(emulator, "w.localhost")).body.toString()).toBe("w");
  for (const pid of workerdsOf()) process.kill(pid, "SIGKILL");

  const statuses = new Set<number>();
  await eventually(async () => {
    const read = await api(emulator, "GET", `${KV}/${id}/values/k`);
    const called = await callWorker(emulator, "w.localhost");
    statuses.add(read.status).add(called.status);
    if (read.status === 503) expect(read.headers["retry-after"]).toBe("1");
    return read.body.toString() === "v" && called.body.toString() === "w";
  });
  expect([200, 503]).toEqual(expect.arrayContaining([...statuses]));
  await emulator.close();
});

type Target = Parameters<typeof api>[0];

async function startChild(): Promise<{ child: ChildProcess; emulator: Target }> {
  const script = `
    import { startEmulator } from "./src/local/emulator/emulator.ts";
    const { url } = await startEmulator({ dataFolder: ${JSON.stringify(folder)} });
    console.log(url);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the emulator ended with ${String(code)}`)));
  });
  return { child, emulator: { url } as Target };
}

async function allKeys(emulator: Target, id: string): Promise<{ name: string; metadata: unknown }[]> {
  const found: { name: string; metadata: unknown }[] = [];
  let cursor = "";
  do {
    const { json } = await api(emulator, "GET", `${KV}/${id}/keys?cursor=${encodeURIComponent(cursor)}`);
    found.push(...(json.result as typeof found));
    cursor = (json.result_info as { cursor: string }).cursor;
  } while (cursor !== "");
  return found;
}
