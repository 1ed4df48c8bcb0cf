import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { type Answer, api, callWorker, SCRIPTS } from "./emulator-client.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const SOURCE = 'export default { fetch: () => new Response("up") }';
const JAVASCRIPT = "application/javascript+module";

async function upload(name: string, parts: Readonly<Record<string, Blob | File>>): Promise<Answer> {
  const form = new FormData();
  for (const [part, content] of Object.entries(parts)) form.append(part, content);
  const encoded = new Response(form);
  const headers = { "content-type": encoded.headers.get("content-type") ?? "" };
  return api(emulator, "PUT", `${SCRIPTS}/${name}`, { body: new Uint8Array(await encoded.arrayBuffer()), headers });
}

const metadata = new File([JSON.stringify({ main_module: "index.js" })], "metadata", { type: "application/json" });

it.each(["files", "files[]", "files[index.js]", "index.js", "anything"])(
  "takes the module's name from the file name of a part named '%s'",
  async (part) => {
    const { status } = await upload("named", {
      metadata,
      [part]: new File([SOURCE], "index.js", { type: JAVASCRIPT }),
    });

    expect(status).toBe(200);
    expect((await callWorker(emulator, "named.localhost")).body.toString()).toBe("up");
  },
);

it("finds no module in a Blob without a name, which forms call 'blob'", async () => {
  const { status, json } = await upload("blob", { metadata, "index.js": new Blob([SOURCE], { type: JAVASCRIPT }) });

  expect(status).toBe(400);
  expect(json.errors).toMatchObject([{ code: 10021, message: expect.stringContaining("No such module") as string }]);
});

it("refuses a module of a type that Workers do not have", async () => {
  const { status, json } = await upload("typed", {
    metadata,
    files: new File(["{}"], "files", { type: "application/json" }),
  });

  expect(status).toBe(400);
  expect(json.errors).toEqual([
    { code: 10021, message: 'module files has unsupported Content-Type "application/json"' },
  ]);
});

it("keeps source maps out of the modules, whatever their type's parameters", async () => {
  const map = new File(["{}"], "index.js.map", { type: "application/source-map;charset=utf-8" });
  const module = new File([SOURCE], "index.js", { type: `${JAVASCRIPT};charset=utf-8` });

  expect((await upload("mapped", { metadata, "index.js": module, "index.js.map": map })).status).toBe(200);
  expect((await callWorker(emulator, "mapped.localhost")).body.toString()).toBe("up");
});

it.each([["application/json"], ["text/plain"], [undefined]])(
  "refuses a body of the type %s, which is neither a script nor a form",
  async (type) => {
    const headers = type === undefined ? undefined : { "content-type": type };
    const { status, json } = await api(emulator, "PUT", `${SCRIPTS}/raw`, {
      body: new TextEncoder().encode(SOURCE),
      ...(headers === undefined ? {} : { headers }),
    });

    expect({ status, code: json.errors[0]?.code }).toEqual({ status: 415, code: 10001 });
  },
);

it("says that a form has no metadata, as Cloudflare does", async () => {
  const { json } = await upload("bare", { "index.js": new File([SOURCE], "index.js", { type: JAVASCRIPT }) });

  expect(json.errors).toEqual([{ code: 10021, message: "could not read content for part metadata" }]);
});
