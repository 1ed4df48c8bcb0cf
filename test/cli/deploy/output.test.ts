import { execFileSync } from "node:child_process";
import { deployCli, MANIFEST } from "../../support/deploy-cli.js";

const { run, app, write, server } = deployCli();

describe("cfkv output", () => {
  it("prints the bare value of an output, of a manifest or of what was deployed last", async () => {
    write("flags.yaml", MANIFEST);
    await run(["apply", "flags.yaml", "--yes"]);
    const [id = ""] = server().namespaces.keys();

    expect((await run(["output", "namespace_id"])).stdout).toBe(`${id}\n`);
    expect((await run(["output", "namespace_id", "flags"])).stdout).toBe(`${id}\n`);
    expect((await run(["output", "namespace_id", "flags.yaml"])).stdout).toBe(`${id}\n`);
    expect((await run(["output", "flags.yaml"])).stdout).toMatch(/^Outputs:\n {2}namespace_id: "/);
  });

  it("prints lines that a shell can evaluate, whatever the values hold", async () => {
    const odd = 'it\'s $HOME `ls` "x"\\\nnext';
    app({
      "shop-dev": {
        output: { "odd-one": { value: odd }, secret: { value: "s", sensitive: true }, list: { value: [1] } },
      },
    });
    await run(["apply", "--yes"]);
    const { stdout } = await run(["output", "--env"]);

    const said = execFileSync("sh", ["-c", `${stdout}\nprintf %s "$ODD_ONE"`], { encoding: "utf8" });
    expect(said).toBe(odd);
    expect(stdout).toContain("export LIST='[1]'\n");
    expect(stdout).not.toContain("SECRET");
  });

  it("never prints a sensitive output", async () => {
    app({ "shop-dev": { output: { key: { value: "hunter2", sensitive: true } } } });
    await run(["apply", "--yes"]);
    const [one, all, json] = [await run(["output", "key"]), await run(["output"]), await run(["output", "--json"])];

    expect(one.code).toBe(1);
    expect(one.stderr).toContain("error OUTPUT_SENSITIVE: output 'key' of stack 'shop-dev' is sensitive");
    expect(one.stdout + one.stderr + all.stdout + json.stdout).not.toContain("hunter2");
    expect(JSON.parse(json.stdout)).toMatchObject({ stack: "shop-dev", outputs: { key: { sensitive: true } } });
  });

  it("says which outputs there are, or that nothing is deployed", async () => {
    app({ "shop-dev": { namespaces: { A: "one" } } });
    const before = await run(["output", "namespace_ids"]);
    await run(["apply", "--yes"]);
    const after = await run(["output", "namespace_idz"]);

    expect([before.code, after.code]).toEqual([1, 1]);
    expect(before.stderr).toContain(
      "error OUTPUT_UNKNOWN: stack 'shop-dev' has no outputs\n  help: deploy it first: cfkv apply shop-dev\n",
    );
    expect(after.stderr).toContain("has no output 'namespace_idz' (did you mean 'namespace_ids'?)");
  });
});
