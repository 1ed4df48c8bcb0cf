import { resolve } from "node:path";
import { chooseStack, readAssembly, type Assembly } from "../../../src/assembly/index.js";
import { devConfig, type DevConfig } from "../../../src/local/dev/config.js";
import { frontWorker } from "../../../src/local/dev/running-workers.js";
import type { EngineBinding } from "../../../src/local/engine/types.js";

const shop = readAssembly("test/fixtures/assembly/edge-store");
const handWritten = readAssembly("test/fixtures/assembly/hand-written");

describe("a stack on this machine", () => {
  it("binds namespaces by their names, in this stack and in others", () => {
    const { engine, namespaces } = configOf(handWritten, "web");
    expect(engine.namespaces.map(({ id }) => id)).toEqual([
      "legacy-cache",
      "fedcba9876543210fedcba9876543210",
      "test-web-shared",
    ]);
    expect(bindingOf(configOf(handWritten, "web"), "SHARED")).toEqual({
      type: "kv_namespace",
      name: "SHARED",
      namespaceId: "test-web-shared",
    });
    expect(namespaces.map(({ stack }) => stack)).toEqual(["web", "web", "net"]);
  });

  it("takes secrets by binding or variable name from .dev.vars, and names those without a value", () => {
    const without = configOf(shop, "edge-store-dev-alice");
    expect(bindingOf(without, "API_KEY")).toBeUndefined();
    expect(without.notes).toEqual([
      "secret API_KEY of Worker edge-store-dev-alice has no value: add API_KEY=… to .dev.vars",
    ]);
    const given = configOf(shop, "edge-store-dev-alice", { API_KEY: "k1" });
    expect(bindingOf(given, "API_KEY")).toEqual({ type: "secret_text", name: "API_KEY", text: "k1" });
    expect(given.notes).toEqual([]);
  });

  it("lets .dev.vars replace vars, and tells of names that nothing binds", () => {
    const config = configOf(shop, "edge-store-dev-alice", {
      API_KEY: "k",
      GREETING: "hi",
      LIMITS: "none",
      API_KY: "x",
    });
    expect(bindingOf(config, "GREETING")).toEqual({ type: "plain_text", name: "GREETING", text: "hi" });
    expect(bindingOf(config, "LIMITS")).toEqual({ type: "plain_text", name: "LIMITS", text: "none" });
    expect(config.notes).toEqual([".dev.vars names API_KY, but no Worker of stack edge-store-dev-alice binds it"]);
  });

  it("runs the versions that get traffic, with their shares", () => {
    const [worker] = configOf(shop, "edge-store-prod").engine.workers;
    expect(worker?.versions.map(({ id, percentage }) => [id, percentage])).toEqual([
      ["Api_v1", 90],
      ["Api_v2", 10],
    ]);
    expect(worker).toMatchObject({ customDomains: ["store.example.com"], routes: ["example.com/store/*"] });
  });

  it("runs the last version while no deployment gives traffic to any", () => {
    const prod = chooseStack(shop, { name: "prod" });
    const workers = prod.workers.map((worker) => ({
      ...worker,
      versions: worker.versions.map((version) => ({ ...version, percentage: 0 })),
    }));
    const { engine, notes } = devConfig(shop, { ...prod, workers }, new Map());
    expect(engine.workers[0]?.versions.map(({ id, percentage }) => [id, percentage])).toEqual([["Api_v0", 100]]);
    expect(notes).toEqual(["Worker edge-store-prod: no deployment gives traffic to a version, so 'Api_v0' gets it"]);
  });

  it("brings along the Workers of other stacks that it calls", () => {
    const web = chooseStack(handWritten, { name: "web" });
    const [backend, gateway] = web.workers;
    if (backend === undefined || gateway === undefined) throw new Error("the fixture has two Workers");
    const front = { ...web, name: "front", workers: [gateway] };
    const assembly: Assembly = { ...handWritten, stacks: [front, { ...web, workers: [backend] }] };
    const { engine } = devConfig(assembly, front, new Map());
    expect(engine.workers.map(({ name }) => name)).toEqual(["gateway", "backend"]);
    expect(engine.defaultWorker).toBe("gateway");
  });

  it("answers with the Worker that no other one calls", () => {
    const { workers } = chooseStack(handWritten, { name: "web" });
    expect(workers.map(({ name }) => name)).toEqual(["backend", "gateway"]);
    expect(frontWorker(workers)?.name).toBe("gateway");
    expect(frontWorker([])).toBeUndefined();
  });

  it("notes what is known only after apply, and what has no counterpart here", () => {
    const web = chooseStack(handWritten, { name: "web" });
    const stack = { ...web, otherResources: ["cloudflare_queue.Jobs", "aws_s3_bucket.Logs"] };
    expect(devConfig(handWritten, stack, new Map()).notes).toEqual([
      "cloudflare_workers_script.Backend.bindings[2].text is known only after apply, and appears as '${random_pet.region.id}' here",
      "cloudflare_queue.Jobs has no counterpart on this machine",
    ]);
  });

  it("serves a folder of static assets as the stack says, where it is there", () => {
    const stack = chooseStack(shop, { name: "edge-store-dev-alice" });
    const assetsConfig = { html_handling: "none", not_found_handling: "404-page", run_worker_first: ["/api/*"] };
    const assetsOf = (assetsDirectory: string): unknown => {
      const workers = stack.workers.map((worker) => ({
        ...worker,
        versions: worker.versions.map((version) => ({ ...version, assetsDirectory, assetsConfig })),
      }));
      return devConfig(shop, { ...stack, workers }, new Map()).engine.workers[0]?.versions[0]?.assets;
    };
    expect(assetsOf(resolve("test"))).toEqual({
      directory: resolve("test"),
      htmlHandling: "none",
      notFoundHandling: "404-page",
      runWorkerFirst: ["/api/*"],
    });
    expect(assetsOf("/not/there")).toBeUndefined();
  });

  it("passes on other kinds of bindings where the engine has them", () => {
    expect(bindingOf(configOf(handWritten, "web"), "FILES")).toEqual({
      type: "r2_bucket",
      name: "FILES",
      bucketName: "files",
    });
  });
});

function configOf(assembly: Assembly, name: string, vars: Record<string, string> = {}): DevConfig {
  return devConfig(assembly, chooseStack(assembly, { name }), new Map(Object.entries(vars)));
}

function bindingOf({ engine }: DevConfig, name: string): EngineBinding | undefined {
  const bindings = engine.workers.flatMap(({ versions }) => versions.flatMap((version) => version.bindings ?? []));
  return bindings.find((binding) => binding.name === name);
}
