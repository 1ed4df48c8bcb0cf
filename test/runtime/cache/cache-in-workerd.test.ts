import { get } from "node:http";
import type { Miniflare } from "miniflare";
import { runWorker } from "../support/workerd.js";

const WORKER = "test/runtime/workers/cache-worker.ts";
/** Milliseconds: the loader's 500, the second a living leader gets on top, and slack for a busy machine. */
const DEADLINE = 4000;

jest.setTimeout(30_000);

describe("the cache in workerd", () => {
  let worker: Miniflare;

  beforeEach(async () => {
    worker = await runWorker(WORKER);
    await worker.ready;
  });
  afterEach(() => worker.dispose());

  async function ask(query: string): Promise<{ body: string; took: number }> {
    const began = Date.now();
    const response = await worker.dispatchFetch(`http://worker.test/${query}`);
    return { body: await response.text(), took: Date.now() - began };
  }

  async function seen(): Promise<{ loads: number; puts: number }> {
    return JSON.parse((await ask("seen")).body) as { loads: number; puts: number };
  }

  async function until(done: (now: { loads: number; puts: number }) => boolean): Promise<void> {
    for (let turn = 0; turn < 400; turn++) {
      if (done(await seen())) return;
    }
    throw new Error(`never happened, saw ${JSON.stringify(await seen())}`);
  }

  it("loads once for 50 concurrent requests, in one isolate", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask("?wait&load=100")));

    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(["1"]));
    await until(({ puts }) => puts === 1);
    expect(await seen()).toEqual({ loads: 1, puts: 1 });
  });

  it("recovers from a leader that answered early without waitUntil and took its load along", async () => {
    expect((await ask("?early&load=60000")).body).toBe("early");
    const followers = await Promise.all(Array.from({ length: 10 }, () => ask("?wait")));

    expect(new Set(followers.map(({ body }) => body))).toEqual(new Set(["2"]));
    expect(Math.max(...followers.map(({ took }) => took))).toBeLessThan(DEADLINE);
    await until(({ puts }) => puts === 1);
  });

  it("lets a leader with waitUntil finish after its early answer, once", async () => {
    expect((await ask("?early&wait&load=200")).body).toBe("early");

    expect((await ask("?wait")).body).toBe("1");
    await until(({ puts }) => puts === 1);
    expect(await seen()).toEqual({ loads: 1, puts: 1 });
  });

  it.each([
    ["with waitUntil the load goes on", "&wait", 1],
    ["without it the next request loads", "", 2],
  ])("survives a client that hangs up: %s", async (_, wait, loads) => {
    const url = await worker.ready;
    const request = get(new URL(`?load=300${wait}`, url));
    request.on("error", () => undefined);
    await until((now) => now.loads === 1);
    request.destroy();
    const { body, took } = await ask("?wait");

    expect(Number(body)).toBeLessThanOrEqual(loads);
    expect(took).toBeLessThan(DEADLINE);
    await until(({ puts }) => puts === 1);
    expect((await seen()).puts).toBe(1);
  });

  it.each([
    ["after the response with waitUntil", "&wait"],
    ["in the request without", ""],
  ])("refreshes a stale value once for 20 requests, %s", async (_, wait) => {
    await ask(`?ttl=0.001&swr=600${wait}`);
    await until(({ puts }) => puts === 1);
    const stale = `?ttl=0.001&swr=600&later=100&load=50${wait}`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(stale)));
    await until(({ puts }) => puts === 2);

    expect(answers.filter(({ body }) => body === "1" || body === "2")).toHaveLength(20);
    expect(await seen()).toEqual({ loads: 2, puts: 2 });
  });
});
