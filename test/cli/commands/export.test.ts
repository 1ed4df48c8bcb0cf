import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import type { Sink } from "../../../src/cli/terminal/channel.js";
import { dataCli } from "../../support/data-cli.js";
import { accountId } from "../../support/kv-api-target.js";

// One test starts a process, on machines that do other things beside.
jest.setTimeout(60_000);

const on = dataCli();
const tsx = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;

describe("cfkv export", () => {
  it("writes to stdout nothing but the entries", async () => {
    const id = on.server().addNamespace("edge-store-config-dev-bob", { a: "1", b: "2" });

    const { code, stdout, stderr } = await on.run(["export", "CONFIG", "--stack", "edge-store-dev-bob"]);

    expect([code, stdout]).toEqual([0, '{"key":"a","value":"1"}\n{"key":"b","value":"2"}\n']);
    expect(stderr).toContain(`source: 'edge-store-config-dev-bob' (${id}), CONFIG of stack edge-store-dev-bob,`);
    expect(stderr).toContain("2 entries exported\n");
  });

  it("writes to a file in the format of its extension", async () => {
    on.server().addNamespace("n", { a: "1", b: "2" });

    const { code, stdout } = await on.run(["export", "n", "--to", "out/n.json", "--prefix", "b", "--json"]);

    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ file: "out/n.json", format: "json", entries: 1 }),
    ]);
    expect(readFileSync(on.path("out/n.json"), "utf8")).toBe('[\n{"key":"b","value":"2"}\n]\n');
  });

  it("can be seeded again without a difference", async () => {
    on.server().addNamespace("n", { "a/é": "1", b: "\u0000" });
    await on.run(["export", "n", "--to", "n.ndjson"]);

    const { stdout } = await on.run(["seed", "n.ndjson", "-n", "n", "--dry-run", "--prune"]);

    expect(stdout).toBe("0 to create, 0 to change, 0 to delete, 2 unchanged\n");
  });

  it("goes on with --resume after it was interrupted", async () => {
    const entries = Object.fromEntries(Array.from({ length: 2500 }, (_, at) => [`k${at}`, "v"]));
    on.server().addNamespace("n", entries);
    on.server().fault = ({ query }) => (query.has("cursor") ? { kind: "answer", status: 401 } : undefined);
    expect(await on.run(["export", "n", "--to", "n.ndjson"])).toMatchObject({ code: 3 });

    on.server().fault = () => undefined;
    const { code, stderr } = await on.run(["export", "n", "--to", "n.ndjson", "--resume"]);

    expect([code, stderr]).toEqual([0, expect.stringContaining("2500 entries exported to n.ndjson")]);
    expect(readFileSync(on.path("n.ndjson"), "utf8").trimEnd().split("\n")).toHaveLength(2500);
  });

  it("says why the file cannot be written, before anything is read", async () => {
    on.server().addNamespace("n", { a: "1" });
    on.write("folder/file", "");
    on.write("full", "");

    const asFolder = await on.run(["export", "n", "--to", "folder"]);
    const belowFile = await on.run(["export", "n", "--to", "full/n.ndjson"]);

    expect([asFolder.code, belowFile.code]).toEqual([1, 1]);
    expect(asFolder.stderr).toMatch(
      /error FILE_UNWRITABLE: '.*folder' cannot be written \(EISDIR\)\n(.*\n)* {2}help: .*name a file/,
    );
    expect(belowFile.stderr).toMatch(/error FILE_UNWRITABLE: '.*n\.ndjson' cannot be written \(E(NOTDIR|EXIST)\)/);
    expect(Object.keys(on.requests())).toEqual(["GET "]);
  });

  it.each([
    { what: "the values of an export", argv: ["export", "n"], value: "v".repeat(30_000), keys: 400 },
    { what: "the keys of a list", argv: ["kv", "list", "n", "--json"], value: "", keys: 20_000 },
  ])("keeps little more than one piece of $what for a slow reader", async ({ argv, value, keys }) => {
    const names = Array.from({ length: keys }, (_, at) => `${String(at).padStart(5, "0")}${"k".repeat(200)}`);
    on.server().addNamespace("n", Object.fromEntries(names.map((name) => [name, value])));
    const reader = new Writable({ write: (_chunk, _encoding, taken) => void setImmediate(taken) });
    let waiting = 0;
    const stdout: Sink = {
      write(text, written) {
        reader.write(text, written);
        waiting = Math.max(waiting, reader.writableLength);
      },
    };

    const { code, stdout: text } = await on.run(argv, { stdout });

    expect([code, text.match(/k{200}/g)?.length]).toEqual([0, keys]);
    expect(waiting).toBeLessThan(text.length / 3);
  });

  it("writes a table that seeds the same: --format csv", async () => {
    const id = on.server().addNamespace("n", { "a,b": 'x"y\n', " c ": "é;\t" });
    on.server()
      .namespaces.get(id)
      ?.entries.set("bytes", { value: Buffer.of(255, 0), expiration: 4_000_000_000, metadata: { n: "1,2" } });

    expect(await on.run(["export", "n", "--to", "n.csv"])).toMatchObject({ code: 0 });

    expect(readFileSync(on.path("n.csv"), "utf8").split("\n")[0]).toBe("key,value,base64,expiration,metadata");
    const { stdout } = await on.run(["seed", "n.csv", "-n", "n", "--dry-run", "--prune"]);
    expect(stdout).toBe("0 to create, 0 to change, 0 to delete, 3 unchanged\n");
  });

  it("refuses what it could not replace by a file: a device", async () => {
    on.server().addNamespace("n", { a: "1" });

    const { code, stderr } = await on.run(["export", "n", "--to", "/dev/full"]);

    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("error FILE_UNWRITABLE: '/dev/full' cannot be written"),
    ]);
  });

  it("to a full device is a coded error", async () => {
    on.server().addNamespace("n", { a: "1" });
    const argv = ["--import", tsx, resolve("src/cli/bin.ts"), "export", "n"];
    const child = spawn("sh", ["-c", `exec "$0" "$@" > /dev/full`, process.execPath, ...argv], {
      cwd: on.path(),
      env: {
        PATH: process.env["PATH"],
        CLOUDFLARE_API_TOKEN: "test-token",
        CLOUDFLARE_ACCOUNT_ID: accountId,
        CLOUDFLARE_BASE_URL: on.server().baseUrl,
      },
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));

    const [code] = (await once(child, "close")) as [number | null];

    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("error FILE_UNWRITABLE: stdout cannot be written (ENOSPC)"),
    ]);
  });

  it("says what is wrong with the command line", async () => {
    const errors = [];
    for (const argv of [["n", "--resume"], ["n", "--format", "xml"], []])
      errors.push(await on.run(["export", ...argv]));

    expect(errors.map(({ code, stderr }) => `${code} ${stderr.split("\n")[0]}`)).toEqual([
      "2 error USAGE: --resume needs --to",
      "2 error USAGE: --format must be ndjson, json or csv, got 'xml'",
      "2 error USAGE: missing required argument 'namespace'",
    ]);
  });
});
