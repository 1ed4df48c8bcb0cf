import { type Engine, startEngine } from "../../../src/local/engine/engine.js";
import type { EngineBinding, EngineNote } from "../../../src/local/engine/types.js";

jest.setTimeout(60_000);

describe("bindings other than KV", () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await startEngine();
  });
  afterEach(() => engine.dispose());

  /** Runs a Worker whose `fetch` is this expression of `env`. */
  async function run(
    expression: string,
    bindings: readonly EngineBinding[],
    more = "",
  ): Promise<readonly EngineNote[]> {
    const content = `export default { async fetch(request, env) { return Response.json(${expression}); } };\n${more}`;
    const code = { modules: [{ name: "i.js", content }] };
    const version = { id: "v", code, bindings, compatibilityDate: "2026-01-15" };
    return engine.apply({ namespaces: [], workers: [{ name: "w", versions: [version] }] });
  }

  const answer = async (): Promise<unknown> => (await engine.dispatch("http://w.localhost/")).json();

  it("limit rates", async () => {
    const notes = await run('await env.LIMIT.limit({ key: "visitor" })', [
      { type: "ratelimit", name: "LIMIT", limit: 2, period: 60 },
    ]);
    expect(notes).toEqual([]);
    expect([await answer(), await answer(), await answer()]).toEqual([
      { success: true },
      { success: true },
      { success: false },
    ]);
  });

  it("keep objects in R2, over a reload", async () => {
    const bindings: EngineBinding[] = [{ type: "r2_bucket", name: "BUCKET", bucketName: "files" }];
    expect(await run('(await env.BUCKET.put("k", "v")).key', bindings)).toEqual([]);
    expect(await answer()).toBe("k");
    await run('await (await env.BUCKET.get("k")).text()', bindings);
    expect(await answer()).toBe("v");
  });

  it("reach Durable Objects", async () => {
    const counter = `import { DurableObject } from "cloudflare:workers";
      export class Counter extends DurableObject { n = 0; add() { return ++this.n; } }`;
    const notes = await run(
      'await env.COUNTER.get(env.COUNTER.idFromName("x")).add()',
      [{ type: "durable_object_namespace", name: "COUNTER", className: "Counter" }],
      counter,
    );
    expect(notes).toEqual([]);
    expect([await answer(), await answer()]).toEqual([1, 2]);
  });

  it("accept data points, and say that they are discarded", async () => {
    const notes = await run('env.EVENTS.writeDataPoint({ blobs: ["a"] }) ?? "written"', [
      { type: "analytics_engine", name: "EVENTS", dataset: "events" },
    ]);
    expect(await answer()).toBe("written");
    expect(notes).toEqual([
      {
        code: "BINDING_NOT_EMULATED",
        worker: "w",
        message: "binding EVENTS (analytics_engine) accepts data points and discards them",
      },
    ]);
  });

  it.each(["ai", "queue", "vectorize", "hyperdrive", "browser"])(
    "of the kind %s are left out, with a note",
    async (kind) => {
      const notes = await run("typeof env.IT", [{ type: "unsupported", name: "IT", kind }]);
      expect(await answer()).toBe("undefined");
      expect(notes.map(({ message }) => message)).toEqual([`binding IT (${kind}) is not emulated and is left out`]);
    },
  );
});
