import { readFileSync, readdirSync } from "node:fs";
import { deployCli, MANIFEST } from "../../support/deploy-cli.js";

const { run, app, write, path, titles, server, verbs } = deployCli();

describe("cfkv destroy", () => {
  it("counts the keys that go, and deletes only what is confirmed by name", async () => {
    app({ "shop-dev": { environment: "dev", namespaces: { CACHE: "shop-cache-dev", FLAGS: "shop-flags-dev" } } });
    await run(["apply", "--yes"]);
    await run(["kv", "put", idOf("shop-cache-dev"), "user:1", "Ada"]);
    await run(["kv", "put", idOf("shop-cache-dev"), "user:2", "Bob"]);

    const habit = await run(["destroy"], { terminal: true, input: "yes\n" });
    expect([habit.code, titles()]).toEqual([1, ["shop-cache-dev", "shop-flags-dev"]]);
    expect(habit.stderr).toContain("namespace 'shop-flags-dev' and all its keys (now 0 keys)");
    expect(habit.stderr).toContain("to keep a copy of the keys, answer no and add: --export <folder>\n");
    expect(habit.stderr).toContain(
      "destroy stack 'shop-dev' with namespaces 'shop-cache-dev' (2 keys), which cannot be undone? Type 'dev' to continue:",
    );

    const meant = await run(["destroy"], { terminal: true, input: "dev\n" });
    expect([meant.code, titles()]).toEqual([0, []]);
    expect(meant.stderr).toContain("stack 'shop-dev' is destroyed");
  });

  it("prints what is destroyed as JSON, and by the program that is named", async () => {
    app({ "shop-dev": { namespaces: { CACHE: "shop-cache-dev" } } });
    await run(["apply", "--yes"]);
    const { code, stdout } = await run(["destroy", "--yes", "--json", "--engine", "terraform"]);

    expect([code, titles()]).toEqual([0, []]);
    expect(JSON.parse(stdout)).toMatchObject({
      stacks: [{ stack: "shop-dev", engine: "Terraform 1.99.0", destroyed: true }],
    });
  });

  it("exports the keys first with --export, and never over an earlier copy", async () => {
    app({ "shop-dev": { namespaces: { CACHE: "shop-cache-dev" } } });
    await run(["apply", "--yes"]);
    await run(["kv", "put", idOf("shop-cache-dev"), "user:1", "Ada"]);
    write("copies/shop-cache-dev.ndjson", "an earlier one");
    const refused = await run(["destroy", "--export", "copies", "--yes"]);
    expect([refused.code, titles()]).toEqual([1, ["shop-cache-dev"]]);
    expect(refused.stderr).toContain("error FILE_UNWRITABLE: copies/shop-cache-dev.ndjson exists already");

    // The account is the stack's, whatever the environment says.
    const elsewhere = { CLOUDFLARE_ACCOUNT_ID: "f".repeat(32) };
    const { code } = await run(["destroy", "--export", "copies/today", "--yes"], { env: elsewhere });
    expect([code, titles()]).toEqual([0, []]);
    expect(readFileSync(path("copies/today/shop-cache-dev.ndjson"), "utf8")).toContain('"user:1"');
  });

  it("refuses a protected environment before it starts anything, and says what to change", async () => {
    app({ "shop-prod": { environment: "prod", protected: true, namespaces: { CACHE: "shop-cache-prod" } } });
    await run(["apply", "--yes"]);
    const before = verbs().length;
    const { code, stderr } = await run(["destroy", "--yes"]);

    expect([code, titles(), verbs().length]).toEqual([1, ["shop-cache-prod"], before]);
    expect(stderr).toContain("error PROTECTED_FROM_DESTROY: environment 'prod' of stack 'shop-prod' is protected");
    expect(stderr).toContain("set protect: false in environments.prod");
  });

  it("refuses a protected namespace of an app", async () => {
    app({ shop: { preventDestroy: true, namespaces: { CACHE: "shop-cache" } } });
    await run(["apply", "--yes"]);
    const { code, stderr } = await run(["destroy", "--yes"]);

    expect([code, titles()]).toEqual([1, ["shop-cache"]]);
    expect(stderr).toContain("stack 'shop' has what is protected: shop-cache");
    expect(stderr).toContain("set preventDestroy: false on each of them");
  });

  it("destroys a manifest that does not ask for protection, and leaves no file of that behind", async () => {
    write("flags.yaml", MANIFEST);
    await run(["apply", "flags.yaml", "--yes"]);
    const { code, stderr } = await run(["destroy", "flags.yaml"], { terminal: true, input: "flags\n" });

    expect([code, titles(), stderr.includes("Type 'flags' to continue")]).toEqual([0, [], true]);
    expect(readdirSync(path("cdktf.out/stacks/flags")).filter((name) => name.includes("override"))).toEqual([]);
  });

  it("refuses a manifest that asks for protection", async () => {
    const annotations = '\n  annotations:\n    cdktf-cloudflare-kv/prevent-destroy: "true"';
    write("flags.yaml", MANIFEST.replace("name: flags\n", `name: flags${annotations}\n`));
    await run(["apply", "flags.yaml", "--yes"]);
    const { code, stderr } = await run(["destroy", "--yes"]);

    expect([code, titles()]).toEqual([1, ["flags-prod"]]);
    expect(stderr).toContain('set the annotation cdktf-cloudflare-kv/prevent-destroy: "false"');
  });

  it("takes what depends on others first", async () => {
    app({
      "a-back": { namespaces: { A: "back" } },
      "b-front": { namespaces: { B: "front" }, dependencies: ["a-back"] },
    });
    await run(["apply", "a-back", "b-front", "--yes"]);
    await run(["destroy", "a-back", "b-front", "--yes"]);

    expect(titles()).toEqual([]);
    expect(
      verbs()
        .filter((verb) => verb.startsWith("apply"))
        .slice(-2),
    ).toEqual(["apply of b-front", "apply of a-back"]);
  });
});

function idOf(wanted: string): string {
  const found = [...server().namespaces].find(([, { title }]) => title === wanted);
  return found?.[0] ?? "";
}
