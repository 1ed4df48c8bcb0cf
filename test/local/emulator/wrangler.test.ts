import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { ACCOUNT, api, callWorker, createNamespace } from "./emulator-client.js";
import { WRANGLER_STEPS, wrangler, writeProject } from "./wrangler-run.js";

jest.setTimeout(300_000);

/** The wrangler to run, by default this repository's; the long suite names newer ones. */
const BIN = process.env.WRANGLER_BIN ?? repositoryWrangler();
const NODE = process.env.WRANGLER_NODE ?? process.execPath;

let emulator: Emulator;
let folder: string;
let namespace: string;
beforeAll(async () => {
  emulator = await startEmulator();
  folder = mkdtempSync(join(tmpdir(), "cfkv-wrangler-"));
  namespace = await createNamespace(emulator, "lab");
  const { json } = await api(emulator, "POST", `/accounts/${ACCOUNT}/d1/database`, { body: { name: "lab" } });
  writeProject(folder, { namespace, database: (json.result as { uuid: string }).uuid });
});
afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

it("deploys, versions, rolls back, sets secrets, migrates databases and deletes", async () => {
  const place = { node: NODE, bin: BIN, folder, baseUrl: emulator.baseUrl, account: ACCOUNT };
  let version = "";
  for (const { command, input, prints, refused, answers } of WRANGLER_STEPS) {
    const words = command.match(/"[^"]*"(?=\s|$)|\S+/g)?.map((word) => word.replace(/^"(.*)"$/, "$1")) ?? [];
    const args = words.map((word) => word.replace("<namespace>", namespace).replace("<version>", version));
    const { code, output } = await wrangler(place, args, input);
    expect({ command, refused: code !== 0, output }).toEqual({ command, refused: refused === true, output });
    version = /Version ID: ([0-9a-f-]{36})/.exec(output)?.[1] ?? version;
    if (prints !== undefined) expect(output).toMatch(new RegExp(prints.source.replace("<version>", version)));
    if (answers !== undefined) {
      const [path, text] = answers;
      const answer = await callWorker(emulator, "lab.localhost", path);
      expect({ command, path, text: answer.body.toString() }).toEqual({ command, path, text });
    }
  }
  expect((await callWorker(emulator, "lab.localhost")).status).toBe(404);
});

function repositoryWrangler(): string {
  const manifest = createRequire(__filename).resolve("wrangler/package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: { wrangler: string } };
  return join(dirname(manifest), bin.wrangler);
}
