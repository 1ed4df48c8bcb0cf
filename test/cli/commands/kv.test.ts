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

    expect(stderr).toContain("key 'a' written: 1 byte, to live 86400 seconds\n");
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
      "2 error USAGE: a value is given twice: as an argument and with --path",
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

describe("cfkv kv namespace", () => {
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
      "error NAMESPACE_IN_USE: 'shop-dev' is not deleted, as it",
      "  holds 2 keys",
      "  is bound to Worker 'shop-api' as SESSIONS",
      "  help: keep its keys with cfkv export, take out the bindings and deploy, or add --force",
      "",
    ]);
    expect(on.server().namespaces.has(id)).toBe(true);
  });

  it("deletes one in use when told, but not unasked", async () => {
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
      "1 error NAMESPACE_NAME_INVALID: namespaceName must not begin or end with a blank, got ' x'",
    );
  });
});
