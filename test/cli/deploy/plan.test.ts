import { utimesSync } from "node:fs";
import { deployCli, MANIFEST } from "../../support/deploy-cli.js";

const { run, app, path, write, titles, server, client } = deployCli();

describe("cfkv plan", () => {
  it("shows what an apply would do and changes nothing", async () => {
    app({
      "shop-prod": {
        environment: "prod",
        protected: true,
        namespaces: { CACHE: "shop-cache-prod" },
        seed: { CACHE: "seed.json" },
      },
    });
    write("seed.json", "[]");
    const { code, stdout, stderr } = await run(["plan"]);

    expect([code, titles()]).toEqual([0, []]);
    expect(stdout).toMatchInlineSnapshot(`
     "shop-prod
       namespaces
         create   namespace 'shop-cache-prod' (CACHE), empty
       seeds
         shop-cache-prod from seed.json, with --seed
       1 to create
     "
    `);
    expect(stderr).toMatch(/shop-prod: environment prod, protected, account 0123456789abcdef0123456789abcdef/);
  });

  it("exits with 1 when the plan deletes what is protected", async () => {
    const stack = { environment: "prod", protected: true, preventDestroy: false };
    app({ "shop-prod": { ...stack, namespaces: { CACHE: "shop-cache-prod", OLD: "shop-old-prod" } } });
    await run(["apply", "--yes"]);
    app({ "shop-prod": { ...stack, namespaces: { CACHE: "shop-cache-prod" } } });
    touch("app.cjs");
    const { code, stdout } = await run(["plan"]);

    expect(code).toBe(1);
    expect(stdout).toContain(
      "delete   namespace 'shop-old-prod' and all its keys (now 0 keys)\n             REFUSED: its environment is protected",
    );
  });

  it("prints Markdown in which no name becomes markup", async () => {
    app({ "shop-dev": { namespaces: { CACHE: "a|b <img src=x> @team [link](http://x) `c`" } } });
    const { stdout } = await run(["plan", "--format", "md"]);

    expect(stdout).toMatch(/^### shop-dev: 1 to create\n/);
    const row = stdout.split("\n").find((line) => line.startsWith("| create")) ?? "";
    expect(row.match(/\|/g)).toHaveLength(3);
    expect(row).not.toMatch(/[<>@[`]/);
  });

  it("finds with --drift what somebody changed by hand, and exits with 2", async () => {
    write("flags.yaml", MANIFEST);
    await run(["apply", "flags.yaml", "--yes"]);
    const same = await run(["plan", "--drift"]);
    expect([same.code, same.stdout]).toEqual([0, "flags, drift\n  nothing differs\n"]);

    const [id = ""] = server().namespaces.keys();
    await client().renameNamespace(id, "renamed-by-hand");
    const renamed = await run(["plan", "--drift", "--json"]);
    expect(renamed.code).toBe(2);
    expect(JSON.parse(renamed.stdout)).toMatchObject({
      drift: true,
      stacks: [
        { stack: "flags", changes: [{ action: "update", text: "namespace 'renamed-by-hand' was changed: title" }] },
      ],
    });

    await client().deleteNamespace(id);
    const gone = await run(["plan", "--drift"]);
    expect([gone.code, gone.stdout]).toEqual([
      2,
      "flags, drift\n  namespaces\n    gone     namespace 'flags-prod' is no longer there\n  1 difference\n",
    ]);
  });

  it("names what is wrong with the words it was given", async () => {
    app({ "shop-dev": {} });
    const mixed = await run(["plan", "shop-dev", "flags.yaml"]);
    const unknown = await run(["plan", "shop-dve"]);
    const both = await run(["plan", "--json", "--format", "md"]);

    expect([mixed.code, unknown.code, both.code]).toEqual([2, 2, 2]);
    expect(mixed.stderr).toContain(
      "manifests and stacks cannot be mixed: 'flags.yaml' is a manifest, 'shop-dev' is not",
    );
    expect(unknown.stderr).toContain("error STACK_UNKNOWN: no stack is named 'shop-dve' (did you mean 'shop-dev'?)");
  });

  it("shows the problems of a manifest, and starts nothing", async () => {
    write("flags.yaml", MANIFEST.replace("namespace_name", "namespace_nam"));
    const { code, stderr } = await run(["plan", "flags.yaml"]);

    expect(code).toBe(1);
    expect(stderr).toContain("namespace_nam");
    expect(stderr).toContain("nothing was written");
  });
});

/** Makes a file newer than the assembly, whatever the resolution of the clock. */
function touch(name: string): void {
  const later = new Date(Date.now() + 5000);
  utimesSync(path(name), later, later);
}
