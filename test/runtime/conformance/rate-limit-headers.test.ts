import { Hono } from "hono";
import { rateLimit } from "../../../src/runtime/hono.js";
import { BindingRateLimiter, KvRateLimiter, type RateLimiter } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";

const START = Date.UTC(2026, 0, 1);

/** The headers of the draft that clients know, as hono-rate-limiter sends them. */
describe("the rate limit headers", () => {
  beforeEach(() => jest.useFakeTimers({ now: START, doNotFake: ["setTimeout", "setImmediate", "queueMicrotask"] }));
  afterEach(() => jest.useRealTimers());

  const fixed = (limit: number, window: number) =>
    new KvRateLimiter(new MemoryKV(), { limit, window, algorithm: "fixed" });
  const app = (limiter: RateLimiter) =>
    new Hono().use(rateLimit(limiter, { key: () => "ip" })).get("/", (c) => c.text("Hi there!"));
  async function headersOf(response: Response | Promise<Response>) {
    const { status, headers } = await response;
    return [status, headers.get("RateLimit-Policy"), headers.get("RateLimit"), headers.get("Retry-After")];
  }

  it.each([
    ["the first request of a window", 0, 1, [200, "5;w=60", "limit=5, remaining=4, reset=60", null]],
    ["the third, a quarter in", 15, 3, [200, "5;w=60", "limit=5, remaining=2, reset=45", null]],
    ["the last that is allowed", 0, 5, [200, "5;w=60", "limit=5, remaining=0, reset=60", null]],
    ["one too many", 0, 6, [429, "5;w=60", "limit=5, remaining=0, reset=60", "60"]],
    ["one too many, just before the window ends", 59.5, 6, [429, "5;w=60", "limit=5, remaining=0, reset=1", "1"]],
  ])("of %s", async (_, seconds, requests, expected) => {
    jest.setSystemTime(START + seconds * 1000);
    const routes = app(fixed(5, 60));
    for (let request = 1; request < requests; request++) await routes.request("/");

    expect(await headersOf(routes.request("/"))).toEqual(expected);
  });

  it("of a limiter that tells no counts", async () => {
    const answers = [true, false];
    const binding = { limit: () => Promise.resolve({ success: answers.shift() ?? false }) };
    const routes = app(new BindingRateLimiter(binding, { limit: 5, period: 10 }));

    expect(await headersOf(routes.request("/"))).toEqual([200, "5;w=10", "limit=5, remaining=1, reset=10", null]);
    expect(await headersOf(routes.request("/"))).toEqual([429, "5;w=10", "limit=5, remaining=0, reset=10", "10"]);
  });

  it("stand on an answer of one's own, and on one that fails", async () => {
    const onLimited = () => new Response("slow down", { status: 418 });
    const routes = new Hono()
      .use(rateLimit(fixed(1, 60), { key: () => "ip", onLimited }))
      .get("/", () => {
        throw new Error("the handler failed");
      })
      .onError((_, c) => c.text("failed", 500));

    expect((await headersOf(routes.request("/"))).slice(0, 2)).toEqual([500, "1;w=60"]);
    expect((await headersOf(routes.request("/")))[0]).toBe(418);
  });

  it("limits each key by itself", async () => {
    const routes = new Hono()
      .use(rateLimit(fixed(1, 60), { key: (c) => c.req.header("X-User") ?? "" }))
      .get("/", (c) => c.text("ok"));
    const as = async (user: string) => (await routes.request("/", { headers: { "X-User": user } })).status;

    expect([await as("ada"), await as("bob"), await as("ada")]).toEqual([200, 200, 429]);
  });
});
