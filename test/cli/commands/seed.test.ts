import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { accountId } from "../../support/kv-api-target.js";
import { dataCli } from "../../support/data-cli.js";

// One test starts a process, on machines that do other things beside.
jest.setTimeout(60_000);

const on = dataCli();

/** The output without what differs from run to run. */
const stable = (text: string) => text.replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT").replaceAll(on.path(), "TEMP");

describe("the namespace of cfkv seed", () => {
  it("is found by a name in decomposed characters, as some file systems and keyboards write it", async () => {
    const id = on.server().addNamespace("caf\u00e9");
    on.write("s.json", '{"a":"1"}');

    expect(await on.run(["seed", "s.json", "-n", "cafe\u0301"])).toMatchObject({ code: 0 });
    expect(on.contents(id)).toEqual({ a: "1" });
  });
});

describe("an option of cfkv seed", () => {
  const past = '{"key":"old","value":"","expiration":5}\n{"key":"new","value":"1"}';

  it("leaves out expired entries: --skip-expired", async () => {
    const id = on.server().addNamespace("n");
    on.write("s.ndjson", past);

    expect(await on.run(["seed", "s.ndjson", "-n", "n"])).toMatchObject({ code: 1 });
    const { code, stderr } = await on.run(["seed", "s.ndjson", "-n", "n", "--skip-expired"]);

    expect([code, stderr]).toEqual([0, expect.stringContaining("1 of 1 entries written, 1 left out as expired")]);
    expect(on.contents(id)).toEqual({ new: "1" });
  });

  it("writes what differs alone: --only-changes", async () => {
    on.server().addNamespace("n", { same: "1", other: "1" });
    on.write("s.json", '{"same":"1","other":"2"}');

    const { stderr } = await on.run(["seed", "s.json", "-n", "n", "--only-changes"]);

    expect(stderr).toContain("1 of 2 entries written, 1 unchanged");
    const puts = on.server().requests.filter(({ method }) => method === "PUT");
    expect(puts.map(({ body }) => body.toString())).toEqual(['[{"key":"other","value":"2"}]']);
  });

  it("gives a lifetime to entries that name none: --ttl, and 0 takes the namespace's away", async () => {
    const id = on.server().addNamespace("edge-store-sessions-dev-bob");
    on.write("s.json", '{"a":"1"}');
    const argv = ["seed", "s.json", "-s", "edge-store-dev-bob", "-n", "SESSIONS"];
    const expiration = () => on.server().namespaces.get(id)?.entries.get("a")?.expiration;

    await on.run([...argv, "--ttl", "600"]);
    expect(expiration()).toBeCloseTo(Date.now() / 1000 + 600, -2);
    await on.run([...argv, "--ttl", "0"]);
    expect(expiration()).toBeUndefined();
  });

  it.each(["2147483648", "99999999999", "59", "1.5", "-1"])("that is no lifetime is refused: --ttl %s", async (ttl) => {
    on.write("s.json", '{"a":"1"}');

    const { code, stderr } = await on.run(["seed", "s.json", "-n", "n", `--ttl=${ttl}`]);

    expect([code, stderr.split("\n")[0]]).toEqual([
      2,
      `error USAGE: --ttl must be 0 or 60 to 2147483647 seconds, got '${ttl}'`,
    ]);
  });

  it("says what files are encoded in and how they are cut: --encoding, --delimiter", async () => {
    const id = on.server().addNamespace("n");
    on.write("s.csv", Buffer.from("key|value\nf\u00fcr|x\n", "latin1"));

    const unknown = await on.run(["seed", "s.csv", "-n", "n", "--encoding", "klingon"]);
    const long = await on.run(["seed", "s.csv", "-n", "n", "--delimiter", "||"]);
    expect([unknown.code, long.code]).toEqual([2, 2]);

    const argv = ["seed", "s.csv", "-n", "n", "--encoding", "windows-1252", "--delimiter", "|"];
    expect(await on.run(argv)).toMatchObject({ code: 0 });
    expect(on.contents(id)).toEqual({ für: "x" });
  });

  it("stores values as JSON: --json-values", async () => {
    const id = on.server().addNamespace("n");
    on.write("s.json", '{"flags":{"on":true},"n":5}');

    expect(await on.run(["seed", "s.json", "-n", "n", "--json-values"])).toMatchObject({ code: 0 });
    expect(on.contents(id)).toEqual({ flags: '{"on":true}', n: "5" });
  });

  it("reads what begins with a dot, which is left out with a note otherwise: --hidden", async () => {
    const id = on.server().addNamespace("n");
    on.write("d/a", "1");
    on.write("d/.env", "2");

    const without = await on.run(["seed", "d", "-n", "n"]);
    expect(on.contents(id)).toEqual({ a: "1" });
    const all = await on.run(["seed", "d", "-n", "n", "--hidden"]);

    expect(without.stderr).toContain(`left out because the name begins with a dot: ${on.path("d", ".env")} (--hidden`);
    expect(all.stderr).toContain(`warning: ${on.path("d", ".env")} holds environment variables, probably secrets`);
    expect(on.contents(id)).toEqual({ ".env": "2", a: "1" });
  });
});

describe("two seeds", () => {
  it("into one namespace keep records of their own, and neither is taken for the other", async () => {
    const id = on.server().addNamespace("n");
    const file = (name: string) =>
      on.write(`${name}.ndjson`, Array.from({ length: 3 }, (_, at) => `{"key":"${name}${at}","value":""}`).join("\n"));
    const [x, y] = [file("x"), file("y")];
    on.server().fault = ({ body }) => (body.includes('"x0"') ? { kind: "answer", status: 400 } : undefined);
    expect(await on.run(["seed", x, "-n", id])).toMatchObject({ code: 4 });
    on.server().fault = ({ method }) => (method === "PUT" ? { kind: "answer", status: 401 } : undefined);
    expect(await on.run(["seed", y, "-n", id])).toMatchObject({ code: 3 });
    on.server().fault = () => undefined;

    const again = await on.run(["seed", y, "-n", id, "--resume"]);

    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("3 of 3 entries written")]);
    expect(Object.keys(on.contents(id))).toEqual(["x1", "x2", "y0", "y1", "y2"]);
  });

  it("of the same files into the same namespace do not run at once", async () => {
    const id = on.server().addNamespace("n");
    on.write("s.ndjson", '{"key":"a","value":""}');
    let second: ReturnType<typeof on.run> | undefined;
    on.server().fault = ({ method }) => {
      if (method === "PUT") second ??= on.run(["seed", "s.ndjson", "-n", id]);
      return second === undefined || method !== "PUT" ? undefined : { kind: "drop", served: false };
    };
    const first = on.run(["seed", "s.ndjson", "-n", id]);
    while (second === undefined) await new Promise((resolve) => setImmediate(resolve));

    const refused = await second;
    on.server().fault = () => undefined;

    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("error RUN_IN_PROGRESS: cfkv seed (process id"),
    ]);
    expect(refused.stderr).not.toContain("starting over");
    expect((await first).code).toBe(0);
  });
});

describe("a place that cannot hold records", () => {
  it("is a coded error: .cfkv is a file", async () => {
    on.server().addNamespace("n");
    on.write("s.json", '{"a":"1"}');
    on.write(".cfkv", "");

    const { code, stderr } = await on.run(["seed", "s.json", "-n", "n"]);

    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /error FILE_UNWRITABLE: '.*\.cfkv' cannot be written \(E(EXIST|NOTDIR)\)\n {2}.*\n? *help: a file is in the place/,
      ) as string,
    ]);
  });
});

describe("cfkv seed", () => {
  it("fills every namespace of a stack that names seed files", async () => {
    const sessions = on.server().addNamespace("edge-store-sessions-dev-bob");
    const config = on.server().addNamespace("edge-store-config-dev-bob");

    const { code, stdout, stderr } = await on.run(["seed", "edge-store-dev-bob"]);

    expect(code).toBe(0);
    expect(stdout).toBe("");
    expect(stable(stderr)).toMatchInlineSnapshot(`
     "target: 'edge-store-sessions-dev-bob' (00000000000000000000000000000001), SESSIONS of stack edge-store-dev-bob, in account 0123456789abcdef0123456789abcdef at 127.0.0.1:PORT
     entries without an expiration expire after 86400 seconds
     1 of 1 entries written
     target: 'edge-store-config-dev-bob' (00000000000000000000000000000002), CONFIG of stack edge-store-dev-bob, in account 0123456789abcdef0123456789abcdef at 127.0.0.1:PORT
     2 of 2 entries written
     "
    `);
    expect(on.contents(sessions)).toEqual({ demo: '{"user":"ada"}' });
    expect(Object.keys(on.contents(config))).toEqual(["app", "logo"]);
    expect(on.server().namespaces.get(sessions)?.entries.get("demo")?.expiration).toBeCloseTo(
      Date.now() / 1000 + 86_400,
      -2,
    );
  });

  it("fills one namespace from files, named by binding, by name and by id", async () => {
    const id = on.server().addNamespace("edge-store-config-dev-bob");
    const file = on.write("extra.csv", "key,value\na,1\n");

    for (const selector of [
      ["-s", "edge-store-dev-bob", "-n", "CONFIG"],
      ["-n", "edge-store-config-dev-bob"],
      ["-n", id],
    ]) {
      on.server().namespaces.get(id)?.entries.clear();
      expect(await on.run(["seed", file, ...selector])).toMatchObject({ code: 0 });
      expect(on.contents(id)).toEqual({ a: "1" });
    }
  });

  it("shows what it would do, and does nothing, with --dry-run", async () => {
    const id = on.server().addNamespace("n", { same: "1", other: "1", stray: "1" });
    on.write(
      "s.json",
      JSON.stringify([
        { key: "same", value: "1" },
        { key: "other", value: "2" },
        { key: "n\u001b", value: "" },
      ]),
    );
    const before = on.contents(id);

    const text = await on.run(["seed", "s.json", "-n", "n", "--dry-run", "--prune"]);
    const json = await on.run(["seed", "s.json", "-n", "n", "--dry-run", "--json"]);

    expect(text.stdout).toMatchInlineSnapshot(`
     "create 'n\\u{1b}'
     change 'other' (value)
     delete 'stray'
     1 to create, 1 to change, 1 to delete, 1 unchanged
     "
    `);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { namespaceId: id, create: ["n\u001b"], change: [{ key: "other", what: "value" }], delete: [], unchanged: 1 },
    ]);
    expect(on.contents(id)).toEqual(before);
  });

  it("sends nothing while any file has a problem, and shows all of them", async () => {
    on.server().addNamespace("n");
    on.write("a.json", '[{"key":"","value":"SECRET"},{"key":"k","value":"SECRET","ttl":5}]');

    const { code, stderr } = await on.run(["seed", "a.json", "-n", "n"]);

    expect(code).toBe(1);
    expect(stable(stderr)).toMatchInlineSnapshot(`
     "error ENTRIES_INVALID: 2 problems in the entries
       TEMP/a.json: item 0: key must not be empty
       TEMP/a.json: item 1: unknown field 'ttl': an entry has key, value, base64, expiration, expiration_ttl, metadata
     "
    `);
    expect(on.server().requests).toEqual([]);
  });

  it("does not write into a protected environment without a yes", async () => {
    const id = on.server().addNamespace("edge-store-sessions-prod");
    const argv = ["seed", "prod", "-n", "SESSIONS"];

    const unasked = await on.run(argv);
    const no = await on.run(argv, { terminal: true, input: "no\n" });
    expect([unasked.code, no.code]).toEqual([1, 1]);
    expect(stable(unasked.stderr)).toMatchInlineSnapshot(`
     "target: 'edge-store-sessions-prod' (00000000000000000000000000000001), SESSIONS of stack edge-store-prod, in account 0123456789abcdef0123456789abcdef at 127.0.0.1:PORT
     entries without an expiration expire after 86400 seconds
     error NOT_CONFIRMED: confirmation required: write 1 entry into 'edge-store-sessions-prod' of a protected environment
       help: run again with --yes
     "
    `);
    expect(on.contents(id)).toEqual({});

    expect(await on.run(argv, { terminal: true, input: "yes\n" })).toMatchObject({ code: 0 });
    expect(Object.keys(on.contents(id))).toEqual(["demo"]);
    expect(await on.run([...argv, "--yes"])).toMatchObject({ code: 0 });
  });

  it("does not delete keys without a yes", async () => {
    const id = on.server().addNamespace("n", { stray: "", kept: "" });
    on.write("s.ndjson", '{"key":"kept","value":"1"}');

    const { code, stderr } = await on.run(["seed", "s.ndjson", "-n", "n", "--prune"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("confirmation required: write 1 entry and delete 1 other key"),
    ]);
    expect(on.contents(id)).toEqual({ stray: "", kept: "" });

    expect(await on.run(["seed", "s.ndjson", "-n", "n", "--prune", "--yes"])).toMatchObject({ code: 0 });
    expect(on.contents(id)).toEqual({ kept: "1" });
  });

  it("ends with 4 and a list when something was not accepted, and goes on with --resume", async () => {
    const id = on.server().addNamespace("n");
    on.write("s.ndjson", ["a", "b", "c"].map((key) => JSON.stringify({ key, value: key })).join("\n"));
    on.server().fault = ({ body }) => (body.includes('"b"') ? { kind: "answer", status: 400 } : undefined);

    const { code, stdout, stderr } = await on.run(["seed", "s.ndjson", "-n", "n", "--json"]);

    expect(code).toBe(4);
    expect(stable(stderr).replace(/seed-\w+/, "seed-HASH")).toMatchInlineSnapshot(`
     "target: 'n' (00000000000000000000000000000001) in account 0123456789abcdef0123456789abcdef at 127.0.0.1:PORT
     2 of 3 entries written
     1 entry not written or not verified:
       TEMP/s.ndjson:2: 'b': refused by Cloudflare
       full list: TEMP/.cfkv/runs/seed-HASH.journal.missing.ndjson
       to continue: cfkv seed … --resume
     "
    `);
    const [result] = JSON.parse(stdout) as { missing: object[]; missingFile: string }[];
    expect(result).toMatchObject({ written: 2, missingCount: 1 });
    expect(result?.missing).toEqual([
      { key: "b", file: on.path("s.ndjson"), line: 2, reason: "refused by Cloudflare" },
    ]);
    expect(readFileSync(result?.missingFile ?? "", "utf8")).toBe(`${JSON.stringify(result?.missing[0])}\n`);

    on.server().fault = () => undefined;
    const again = await on.run(["seed", "s.ndjson", "-n", "n", "--resume", "--verify"]);
    expect([again.code, again.stderr]).toEqual([
      0,
      expect.stringContaining("1 of 3 entries written, 2 by the earlier run, verified"),
    ]);
    expect(on.contents(id)).toEqual({ a: "a", b: "b", c: "c" });
    expect(existsSync(on.path(".cfkv", ".gitignore"))).toBe(true);
  });

  it("says what is wrong with the command line", async () => {
    on.write("s.ndjson", "");
    const errors = [];
    for (const argv of [
      ["s.ndjson"],
      ["dev", "--prefix", "a"],
      ["nowhere"],
      ["dev", "-n", "SESSION"],
      ["s.ndjson", "-n", "x", "--ttl", "5"],
    ]) {
      errors.push(await on.run(["seed", ...argv]));
    }

    expect(errors.map(({ code, stderr }) => `${code} ${stderr.split("\n")[0]}`)).toMatchInlineSnapshot(`
     [
       "2 error USAGE: no namespace given for these files",
       "2 error USAGE: --prefix requires --prune",
       "2 error STACK_UNKNOWN: no stack is named 'nowhere'",
       "1 error NAMESPACE_NOT_IN_STACK: stack 'edge-store-dev-alice' has no namespace 'SESSION' (did you mean 'SESSIONS'?)",
       "2 error USAGE: --ttl must be 0 or 60 to 2147483647 seconds, got '5'",
     ]
    `);
  });

  it("needs a token, and says how to get one", async () => {
    const { code, stderr } = await on.run(["seed", "edge-store-dev-bob"], { env: { CLOUDFLARE_API_TOKEN: "" } });

    expect([code, stderr.split("\n")[0]]).toEqual([
      1,
      "error CLOUDFLARE_TOKEN_MISSING: CLOUDFLARE_API_TOKEN is not set",
    ]);
  });

  it("ends as interrupted, and says how to continue, when it is", async () => {
    const id = on.server().addNamespace("n");
    const lines = Array.from({ length: 30_000 }, (_, at) => JSON.stringify({ key: `k${at}`, value: "v" }));
    on.write("s.ndjson", lines.join("\n"));
    const tsx = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;
    const child = spawn(process.execPath, ["--import", tsx, resolve("src/cli/bin.ts"), "seed", "s.ndjson", "-n", id], {
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
    let puts = 0;
    on.server().fault = ({ method }) => {
      if (method !== "PUT" || ++puts < 3) return undefined;
      child.kill("SIGINT");
      return { kind: "answer", status: 500 };
    };

    const [code, signal] = (await once(child, "close")) as [number | null, string | null];

    expect([code, signal]).toEqual([null, "SIGINT"]);
    expect(stderr).toContain("interrupted; to continue, run the same command with --resume\n");
    expect(readdirSync(on.path(".cfkv", "runs"))).toEqual([expect.stringMatching(/^seed-.*\.journal$/)]);

    on.server().fault = () => undefined;
    const resumed = await on.run(["seed", "s.ndjson", "-n", id, "--resume", "--verify"]);
    expect([resumed.code, Object.keys(on.contents(id)).length]).toEqual([0, 30_000]);
  });

  it("does not read stdin, which it could read only once", async () => {
    const { code, stderr } = await on.run(["seed", "-", "-n", "n"]);

    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot come from stdin")]);
  });

  it("knows a binding that is named without its stack", async () => {
    const { code, stderr } = await on.run(["kv", "list", "CONFIG"]);

    expect(code).toBe(3);
    expect(stderr).toMatch(/ {2}help: CONFIG is a binding: name its stack too, as in --stack edge-store-dev-alice\n/);
  });

  it("says when the stack is of another account than the environment", async () => {
    const { stderr } = await on.run(["seed", "edge-store-dev-bob"], {
      env: { CLOUDFLARE_ACCOUNT_ID: "f".repeat(32) },
    });

    expect(stderr).toContain(
      `cdktf deploy edge-store-dev-bob; if you mean account ${"f".repeat(32)} of CLOUDFLARE_ACCOUNT_ID, synthesize`,
    );
  });

  it("says to deploy first when the stack's namespace does not exist", async () => {
    const { code, stderr } = await on.run(["seed", "edge-store-dev-bob", "-n", "CONFIG"]);

    expect(code).toBe(3);
    expect(stderr).toBe(
      "error NAMESPACE_NOT_FOUND: account 0123456789abcdef0123456789abcdef has no namespace named 'edge-store-config-dev-bob'\n" +
        "  help: deploy the stack first: cdktf deploy edge-store-dev-bob\n",
    );
  });
});
