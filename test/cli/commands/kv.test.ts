import { readFileSync } from "node:fs";
import { dataCli } from "../../support/data-cli.js";

const on = dataCli();
const firstLine = ({ code, stderr }: { code: number; stderr: string }) => `${code} ${stderr.split("\n")[0]}`;

describe("cfkv kv", () => {
  it("writes, reads and deletes a key", async () => {
    const id = on.server().addNamespace("n");

    expect(await on.run(["kv", "put", "n", "a/é", "text", "--metadata", '{"n":1}'])).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect(await on.run(["kv", "get", "n", "a/é"])).toMatchObject({ code: 0, stdout: "text" });
    expect(JSON.parse((await on.run(["kv", "get", "n", "a/é", "--json"])).stdout)).toEqual({
      key: "a/é",
      value: "text",
      metadata: { n: 1 },
    });
    expect(await on.run(["kv", "delete", "n", "a/é", "not-there"])).toMatchObject({ code: 0 });
    expect(on.contents(id)).toEqual({});
  });

  it("fails for a key that is not there", async () => {
    on.server().addNamespace("n");

    expect(firstLine(await on.run(["kv", "get", "n", "a"]))).toMatch(/^1 error KEY_NOT_FOUND: no key 'a' in 'n' \(/);
  });

  it("takes bytes from stdin and from a file, and gives them back to a file", async () => {
    const id = on.server().addNamespace("n");
    on.write("in.bin", Uint8Array.of(0, 0xff));

    await on.run(["kv", "put", "n", "piped"], { input: "from a pipe\n" });
    await on.run(["kv", "put", "n", "bytes", "--path", "in.bin"]);
    expect(on.contents(id)).toEqual({ bytes: "\u0000\uFFFD", piped: "from a pipe\n" });

    expect(firstLine(await on.run(["kv", "get", "n", "bytes"]))).toBe("1 error VALUE_NOT_TEXT: the value is not text");
    await on.run(["kv", "get", "n", "bytes", "--path", "out.bin"]);
    expect([...readFileSync(on.path("out.bin"))]).toEqual([0, 0xff]);
  });

  it("gives a key the lifetime of its namespace, or its own", async () => {
    const id = on.server().addNamespace("edge-store-sessions-dev-bob");
    const argv = ["kv", "put", "SESSIONS", "-s", "edge-store-dev-bob"];

    const { stderr } = await on.run([...argv, "a", "x"]);
    await on.run([...argv, "b", "x", "--ttl", "60"]);

    expect(stderr).toContain("key 'a' written: 1 byte, expires in 86400 seconds\n");
    const entries = on.server().namespaces.get(id)?.entries;
    expect(entries?.get("a")?.expiration).toBeCloseTo(Date.now() / 1000 + 86_400, -2);
    expect(entries?.get("b")?.expiration).toBeCloseTo(Date.now() / 1000 + 60, -1);
  });

  it("refuses what KV would, before it asks Cloudflare", async () => {
    const errors = [];
    for (const argv of [
      ["put", "n", "..", "x"],
      ["put", "n", "a", "x", "--ttl", "59"],
      ["put", "n", "a", "x", "--metadata", "{"],
      ["put", "n", "a", "x", "--path", "y"],
      ["get", "n", ""],
    ]) {
      errors.push(firstLine(await on.run(["kv", ...argv])));
    }

    expect(errors).toEqual([
      "1 error ENTRY_INVALID: key must not be '..': Cloudflare reads it as a path",
      "1 error ENTRY_INVALID: expiration_ttl must be 60 to 2147483647 seconds, got 59",
      "2 error USAGE: --metadata must be JSON",
      "2 error USAGE: the value is set twice: as an argument and with --path",
      "1 error ENTRY_INVALID: key must not be empty",
    ]);
    expect(on.server().requests).toEqual([]);
  });

  it("lists keys with expiration and metadata, however odd", async () => {
    const id = on.server().addNamespace("n", { a: "", "b\u001b[31m": "" });
    on.server()
      .namespaces.get(id)
      ?.entries.set("c", { value: Buffer.of(1), expiration: 4_000_000_000, metadata: { n: 1 } });

    const text = await on.run(["kv", "list", "n"]);
    const json = await on.run(["kv", "list", "n", "--json", "--prefix", "c"]);
    const limited = await on.run(["kv", "list", "n", "--limit", "1"]);

    expect(text.stdout).toBe('a\n"b\\u001b[31m"\nc              expires 2096-10-02T07:06:40.000Z  {"n":1}\n');
    expect(JSON.parse(json.stdout)).toEqual([{ name: "c", expiration: 4_000_000_000, metadata: { n: 1 } }]);
    expect(limited.stdout).toBe("a\n");
  });

  it("asks before it writes or deletes in a protected environment", async () => {
    const id = on.server().addNamespace("edge-store-config-prod", { a: "1" });
    const where = ["CONFIG", "--stack", "prod"];

    expect(await on.run(["kv", "put", ...where, "a", "2"])).toMatchObject({ code: 1 });
    expect(await on.run(["kv", "delete", ...where, "a"])).toMatchObject({ code: 1 });
    expect(on.contents(id)).toEqual({ a: "1" });
    expect(await on.run(["kv", "delete", ...where, "a", "--yes"])).toMatchObject({ code: 0 });
    expect(on.contents(id)).toEqual({});
  });
});

describe("a namespace that the assembly knows as protected", () => {
  /** By what it can be named: the binding of its stack, its name, its id. */
  const selectors = (id: string) => [["CONFIG", "--stack", "prod"], ["edge-store-config-prod"], [id]];

  it("is changed after a question only, whatever it is named by", async () => {
    const id = on.server().addNamespace("edge-store-config-prod", { a: "1" });
    on.write("s.json", '{"a":"3"}');

    for (const [name = "", ...stack] of selectors(id)) {
      for (const argv of [
        ["kv", "put", name, "a", "2", ...stack],
        ["kv", "delete", name, "a", ...stack],
        ["seed", "s.json", "-n", name, ...stack],
        ["copy", "source", name, ...stack.map((word) => (word === "--stack" ? "--to-stack" : word))],
      ]) {
        if (argv[0] === "copy") on.server().addNamespace("source", { a: "4" });
        const { code, stderr } = await on.run(argv);
        expect([code, stderr]).toEqual([1, expect.stringContaining("error NOT_CONFIRMED")]);
      }
    }
    expect(on.contents(id)).toEqual({ a: "1" });
    expect(await on.run(["kv", "put", id, "a", "2", "--yes"])).toMatchObject({ code: 0 });
    expect(on.contents(id)).toEqual({ a: "2" });
  });

  it("is renamed and deleted in its stack", async () => {
    const id = on.server().addNamespace("edge-store-config-prod");

    for (const name of [id, "edge-store-config-prod"]) {
      const renamed = await on.run(["kv", "namespace", "rename", name, "other"]);
      expect([renamed.code, renamed.stderr]).toEqual([
        1,
        "error NAMESPACE_MANAGED: 'edge-store-config-prod' is managed by stack 'edge-store-prod': the next apply would change its name back\n" +
          "  help: set namespaceName to 'other' where stack 'edge-store-prod' is defined, synthesize and deploy it\n",
      ]);
      const deleted = await on.run(["kv", "namespace", "delete", name, "--yes"]);
      expect([deleted.code, deleted.stderr]).toEqual([
        1,
        expect.stringContaining("  it is managed by stack 'edge-store-prod'\n"),
      ]);
    }
    expect(on.server().namespaces.get(id)?.title).toBe("edge-store-config-prod");
  });

  it("asks when the lock alone remembers it", async () => {
    const id = on.server().addNamespace("gone-from-the-code", { a: "1" });
    const stacks = { "shop-prod": { namespaces: { "gone-from-the-code": { id: "OLD", addresses: {} } } } };
    on.write("cfkv.lock.json", JSON.stringify({ version: 1, stacks }));

    for (const name of [id, "gone-from-the-code"]) {
      const { code, stderr } = await on.run(["kv", "put", name, "a", "2"]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("error NOT_CONFIRMED")]);
    }
    expect(on.contents(id)).toEqual({ a: "1" });
  });

  it("is not protected when it belongs to another account", async () => {
    const id = on.server().addNamespace("edge-store-config-prod");

    expect(await on.run(["kv", "put", id, "a", "2"], { env: { CLOUDFLARE_ACCOUNT_ID: "f".repeat(32) } })).toMatchObject(
      { code: 0 },
    );
  });
});

describe("an option of cfkv kv", () => {
  it("sets the time at which a key expires: put --expiration", async () => {
    const id = on.server().addNamespace("n");

    expect(await on.run(["kv", "put", "n", "a", "x", "--expiration", "4102444800"])).toMatchObject({ code: 0 });
    expect(on.server().namespaces.get(id)?.entries.get("a")?.expiration).toBe(4_102_444_800);
    expect(firstLine(await on.run(["kv", "put", "n", "a", "x", "--expiration", "soon"]))).toBe(
      "2 error USAGE: --expiration must be a whole number of seconds, got 'soon'",
    );
    expect(firstLine(await on.run(["kv", "put", "n", "a", "x", "--ttl", "2147483648"]))).toBe(
      "1 error ENTRY_INVALID: expiration_ttl must be 60 to 2147483647 seconds, got 2147483648",
    );
  });
});

describe("cfkv kv delete", () => {
  it("says which keys there were not", async () => {
    on.server().addNamespace("n", { a: "1", ab: "2" });

    const { code, stderr, stdout } = await on.run(["kv", "delete", "n", "a", "b", "--json"]);

    expect([code, stderr]).toEqual([0, expect.stringContaining("1 of 2 keys deleted\n  no such key: 'b'\n")]);
    expect(JSON.parse(stdout)).toMatchObject({ deleted: 1, absent: ["b"], missing: [] });
  });
});

describe("cfkv kv put", () => {
  it("reads no more than a value may have, though a device has no end", async () => {
    on.server().addNamespace("n");

    expect(firstLine(await on.run(["kv", "put", "n", "a", "--path", "/dev/zero"]))).toMatch(
      /^1 error ENTRY_INVALID: value must have at most 26214400 bytes/,
    );
  });
});

describe("cfkv kv get", () => {
  it("to a full device is a coded error", async () => {
    on.server().addNamespace("n", { a: "1" });

    expect(firstLine(await on.run(["kv", "get", "n", "a", "--path", "/dev/full"]))).toBe(
      "1 error FILE_UNWRITABLE: '/dev/full' cannot be written (ENOSPC)",
    );
  });
});

describe("cfkv kv namespace", () => {
  it("says which permission is missing to delete one, and goes on without with --force", async () => {
    const id = on.server().addNamespace("shop-dev");
    on.server().fault = ({ path }) => (path.includes("/workers/") ? { kind: "answer", status: 403 } : undefined);

    const refused = await on.run(["kv", "namespace", "delete", "shop-dev", "--yes"]);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringMatching(
        /error CLOUDFLARE_FORBIDDEN: the token cannot read Workers.*\n(.*\n)* {2}help: add the permission 'Workers Scripts: Read'/,
      ) as string,
    ]);
    expect(on.server().namespaces.has(id)).toBe(true);

    expect(await on.run(["kv", "namespace", "delete", "shop-dev", "--yes", "--force"])).toMatchObject({ code: 0 });
    expect(on.server().namespaces.has(id)).toBe(false);
  });

  it("creates, lists and renames", async () => {
    const { stdout: id } = await on.run(["kv", "namespace", "create", "shop-test"]);
    expect(id).toMatch(/^[0-9a-f]{32}\n$/);
    await on.run(["kv", "namespace", "rename", "shop-test", "shop-stage"]);

    expect((await on.run(["kv", "namespace", "list"])).stdout).toBe(`shop-stage  ${id}`);
    expect(JSON.parse((await on.run(["kv", "namespace", "list", "--json"])).stdout)).toEqual([
      { id: id.trim(), namespaceName: "shop-stage" },
    ]);
  });

  it("does not delete one that holds keys or is bound, and shows both", async () => {
    const id = on.server().addNamespace("shop-dev", { a: "", b: "" });
    on.server().workers.set("shop-api", { SESSIONS: id, OTHER: "f".repeat(32) });

    const { code, stderr } = await on.run(["kv", "namespace", "delete", "shop-dev", "--yes"]);

    expect(code).toBe(1);
    expect(stderr.split("\n").slice(1)).toEqual([
      "error NAMESPACE_IN_USE: refusing to delete 'shop-dev':",
      "  it holds 2 keys",
      "  it is bound to Worker 'shop-api' as SESSIONS",
      "  help: save its keys with cfkv export, remove the bindings and deploy, or add --force",
      "",
    ]);
    expect(on.server().namespaces.has(id)).toBe(true);
  });

  it("deletes one in use with --force, but only after asking", async () => {
    const id = on.server().addNamespace("shop-dev", { a: "" });
    const argv = ["kv", "namespace", "delete", id, "--force"];

    expect(firstLine({ ...(await on.run(argv)) })).toContain("target: 'shop-dev'");
    expect(on.server().namespaces.has(id)).toBe(true);
    expect(await on.run(argv, { terminal: true, input: "yes\n" })).toMatchObject({ code: 0 });
    expect(on.server().namespaces.has(id)).toBe(false);
  });

  it("says which name was meant", async () => {
    on.server().addNamespace("shop-dev");

    expect(firstLine(await on.run(["kv", "namespace", "delete", "shop-dv"]))).toBe(
      "3 error NAMESPACE_NOT_FOUND: account 0123456789abcdef0123456789abcdef has no namespace 'shop-dv' (did you mean 'shop-dev'?)",
    );
    expect(firstLine(await on.run(["kv", "namespace", "create", " x"]))).toBe(
      "1 error NAMESPACE_NAME_INVALID: namespaceName must not begin or end with whitespace, got ' x'",
    );
  });
});
