import { dataCli } from "../../support/data-cli.js";

const on = dataCli();

describe("cfkv copy", () => {
  it("copies a binding of one stack into the same of another, and asks where that is protected", async () => {
    on.server().addNamespace("edge-store-config-dev-bob", { "dev:a": "1", b: "2" });
    const prod = on.server().addNamespace("edge-store-config-prod", { old: "stays" });
    const argv = ["copy", "CONFIG", "--stack", "edge-store-dev-bob", "--to-stack", "prod", "--map", "dev:=prod:"];

    expect(await on.run(argv)).toMatchObject({ code: 1 });
    expect(on.contents(prod)).toEqual({ old: "stays" });

    const { code, stderr, stdout } = await on.run([...argv, "--yes", "--verify", "--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ copied: 2, verified: true, missingCount: 0 }),
    ]);
    expect(stderr).toContain("source: 'edge-store-config-dev-bob'");
    expect(stderr).toContain("target: 'edge-store-config-prod'");
    expect(on.contents(prod)).toEqual({ b: "2", old: "stays", "prod:a": "1" });
  });

  it("uses another account when one is given", async () => {
    on.server().addNamespace("n", { a: "1" });
    const other = "f".repeat(32);

    await on.run(["copy", "n", "--to-account", other]);

    const accounts = on.server().requests.map(({ path }) => path.split("/")[2]);
    expect(new Set(accounts)).toEqual(new Set(["0123456789abcdef0123456789abcdef", other]));
  });

  it("takes another token for the target where there is one, and names it when it is refused", async () => {
    on.server().addNamespace("n", { a: "1" });
    const argv = ["copy", "n", "--to-account", "f".repeat(32)];
    const tokens: (string | undefined)[] = [];
    on.server().fault = ({ path, headers }) => {
      if (path.includes("f".repeat(32))) tokens.push(headers.authorization);
      return undefined;
    };

    const { code, stderr } = await on.run(argv, { env: { CLOUDFLARE_TO_API_TOKEN: "target-token" } });

    expect([code, new Set(tokens)]).toEqual([3, new Set(["Bearer target-token"])]);
    expect(stderr).toContain("CLOUDFLARE_TO_API_TOKEN must be valid and allow");
    expect(stderr).not.toContain("target-token");
  });

  it("ends with 4 and a list when something was not accepted", async () => {
    on.server().addNamespace("from", { a: "1", b: "2" });
    on.server().addNamespace("to");
    let refused = 0;
    on.server().fault = ({ method }) => {
      if (method !== "PUT") return undefined;
      return ++refused < 2 ? { kind: "partial", fails: (key) => key === "b" } : { kind: "answer", status: 403 };
    };

    const { code, stdout, stderr } = await on.run(["copy", "from", "to", "--json"]);

    expect([code, JSON.parse(stdout)]).toEqual([
      4,
      expect.objectContaining({
        copied: 1,
        stopped: expect.objectContaining({ code: "CLOUDFLARE_FORBIDDEN" }) as object,
      }),
    ]);
    expect(stderr).toContain("error CLOUDFLARE_FORBIDDEN");
  });

  it("continues an interrupted copy with --resume", async () => {
    on.server().addNamespace("from", { a: "1", b: "2" });
    const to = on.server().addNamespace("to");
    on.server().fault = ({ method }) => (method === "PUT" ? { kind: "answer", status: 403 } : undefined);
    expect(await on.run(["copy", "from", "to"])).toMatchObject({ code: 3 });
    on.server().fault = () => undefined;

    expect(await on.run(["copy", "from", "to", "--resume"])).toMatchObject({ code: 0 });
    expect(on.contents(to)).toEqual({ a: "1", b: "2" });
  });

  it("says what is wrong with the command line", async () => {
    on.server().addNamespace("n");
    const errors = [];
    for (const argv of [["n"], ["n", "m", "--map", "a"], ["none", "n"]]) errors.push(await on.run(["copy", ...argv]));

    expect(errors.map(({ code, stderr }) => `${code} ${stderr.split("\n")[0]}`)).toEqual([
      "2 error USAGE: a namespace cannot be copied into itself",
      "2 error USAGE: --map takes <from>=<to> with one '=', got 'a'",
      "3 error NAMESPACE_NOT_FOUND: account 0123456789abcdef0123456789abcdef has no namespace named 'none'",
    ]);
  });
});
