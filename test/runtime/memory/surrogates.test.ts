import type { Miniflare } from "miniflare";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { type Answers, surrogateAnswers } from "../support/surrogates.js";
import { runWorker } from "../support/workerd.js";

describe("MemoryKV and lone surrogates", () => {
  jest.setTimeout(30_000);
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("test/runtime/workers/surrogates-worker.ts", { kvNamespaces: ["KV"] });
  });
  afterAll(() => worker.dispose());

  it("takes, refuses and returns them as workerd does", async () => {
    const inWorkerd = (await (await worker.dispatchFetch("http://localhost/")).json()) as Answers;

    expect(await surrogateAnswers(new MemoryKV())).toEqual(inWorkerd);
    expect(inWorkerd.put).toBe("KV PUT failed: 400 Could not URL-decode key name");
  });
});
