import { type Engine, startEngine } from "../../../src/local/engine/engine.js";
import type { EngineConfig, EngineLog } from "../../../src/local/engine/types.js";
import { eventually, workerdsOf } from "../../support/workerd-processes.js";

// Real runtimes start here, on a machine that may be busy.
jest.setTimeout(60_000);

const COUNTER = `
  export default { async fetch(request, env) {
    const count = Number(await env.KV.get("count")) + 1;
    await env.KV.put("count", String(count));
    return new Response(String(count));
  } };`;

const config = (code: string): EngineConfig => ({
  namespaces: [{ id: "n" }],
  workers: [
    {
      name: "counter",
      versions: [
        {
          id: "v",
          code: { modules: [{ name: "i.js", content: code }] },
          bindings: [{ type: "kv_namespace", name: "KV", namespaceId: "n" }],
        },
      ],
    },
  ],
});

describe("a runtime that ends by itself", () => {
  let engine: Engine;
  let said: EngineLog[];
  beforeEach(async () => {
    said = [];
    engine = await startEngine({ onLog: (entry) => said.push(entry) });
    await engine.apply(config(COUNTER));
  });
  afterEach(() => engine.dispose());

  const count = async (): Promise<string> => (await engine.dispatch("http://counter.localhost/")).text();

  function kill(): number {
    const [pid = 0] = workerdsOf();
    process.kill(pid, "SIGKILL");
    return pid;
  }

  async function revived(former: number): Promise<void> {
    await eventually(() => workerdsOf().some((pid) => pid !== former));
    await eventually(() => count().catch(() => undefined));
  }

  it("is started again with its data, at the same address, and says so once", async () => {
    const { url } = engine;
    expect(await count()).toBe("1");
    const former = kill();
    await revived(former);

    expect(Number(await count())).toBeGreaterThan(2);
    expect(engine.url).toBe(url);
    expect(said).toEqual([{ level: "warn", message: "workerd ended unexpectedly and was restarted" }]);
    expect(workerdsOf()).toHaveLength(1);
  });

  it("is given up when it keeps crashing, until something is changed", async () => {
    let former = 0;
    for (let time = 0; time < 6; time++) {
      await eventually(() => workerdsOf().some((pid) => pid !== former));
      await eventually(() => count().catch(() => undefined));
      former = kill();
      await eventually(() => said.length > time);
    }
    await expect(count()).rejects.toMatchObject({
      code: "RUNTIME_ENDED",
      message: "workerd ended: it keeps crashing",
    });
    expect(said.at(-1)?.level).toBe("error");
    // The one that was killed last may be listed a moment longer.
    await eventually(() => workerdsOf().length === 0);

    await engine.apply(config(COUNTER.replace("+ 1", "+ 1000")));
    expect(Number(await count())).toBeGreaterThan(1000);
  });

  it("is not started again once the engine is disposed of", async () => {
    kill();
    await engine.dispose();
    expect(workerdsOf()).toEqual([]);
  });
});
