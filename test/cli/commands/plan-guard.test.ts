import { writeFileSync } from "node:fs";
import { LOCK_FILE } from "../../../src/lock/index.js";
import { ASSEMBLY, dataCli } from "../../support/data-cli.js";

const { run, path, server } = dataCli();

function plan(
  ...changes: readonly (readonly [type: string, name: string, actions: readonly string[], id?: string])[]
): string {
  const field: Record<string, string> = {
    cloudflare_workers_kv_namespace: "title",
    cloudflare_workers_script: "script_name",
  };
  const resources = changes.map(([type, name, actions, id]) => ({
    type,
    address: `${type}.X_01234567`,
    change: { actions, before: { [field[type] ?? "name"]: name, id } },
  }));
  const file = path("plan.json");
  writeFileSync(file, JSON.stringify({ format_version: "1.2", resource_changes: resources }));
  return file;
}

const KV = "cloudflare_workers_kv_namespace";
const guard = (file: string, stack: string) => run(["plan-guard", file, "--stack", stack, "--output", ASSEMBLY]);

describe("cfkv plan-guard", () => {
  it("lets a plan pass that deletes nothing with a name", async () => {
    const file = plan([KV, "a", ["update"]], ["cloudflare_workers_route", "r", ["delete"]]);

    expect(await guard(file, "edge-store-prod")).toMatchObject({ code: 0 });
  });

  it.each([[["delete"]], [["create", "delete"]], [["delete", "create"]]])(
    "refuses %j of what a protected environment has",
    async (actions) => {
      const result = await guard(plan([KV, "shop", actions]), "edge-store-prod");

      expect(result.code).toBe(1);
      expect(result.stdout).toContain("REFUSED");
      expect(result.stdout).toContain("its environment is protected");
    },
  );

  it("asks whether a namespace of an unprotected stack holds keys", async () => {
    const full = server().addNamespace("full", { key: "value" });
    const empty = server().addNamespace("empty");

    expect(await guard(plan([KV, "full", ["delete"], full]), "edge-store-dev-alice")).toMatchObject({ code: 1 });
    expect(await guard(plan([KV, "empty", ["delete"], empty]), "edge-store-dev-alice")).toMatchObject({ code: 0 });
  });

  it("refuses what the lock protects, whatever its environment", async () => {
    const names = { shop: { id: "X", addresses: {} } };
    const stacks = { "edge-store-dev-alice": { workers: names } };
    writeFileSync(path(LOCK_FILE), JSON.stringify({ version: 1, stacks }));
    const result = await guard(plan(["cloudflare_workers_script", "shop", ["delete"]]), "edge-store-dev-alice");

    expect(result.code).toBe(1);
    expect(result.stdout).toContain("cfkv.lock.json protects it");
  });

  it("lets a state that missed a deletion catch up, by address and name", async () => {
    const address = `${KV}.X_01234567`;
    const stacks = { "edge-store-prod": { deleted: { [address]: "shop" } } };
    writeFileSync(path(LOCK_FILE), JSON.stringify({ version: 1, stacks }));

    expect(await guard(plan([KV, "shop", ["delete"]]), "edge-store-prod")).toMatchObject({ code: 0 });
    expect(await guard(plan([KV, "carts", ["delete"]]), "edge-store-prod")).toMatchObject({ code: 1 });
  });

  it("prints each deletion as JSON, with why it is refused", async () => {
    const file = plan([KV, "shop", ["delete"]]);
    const result = await run(["plan-guard", file, "--stack", "edge-store-prod", "--output", ASSEMBLY, "--json"]);

    expect(JSON.parse(result.stdout)).toMatchObject({
      allowed: false,
      deletions: [{ name: "shop", refused: expect.stringContaining("its environment is protected") as string }],
    });
  });

  it("has a coded error for what is no plan", async () => {
    writeFileSync(path("plan.json"), "[]");

    expect((await run(["plan-guard", path("plan.json")])).stderr).toContain("PLAN_INVALID");
  });
});
