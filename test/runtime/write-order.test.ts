import { writeInOrder } from "../../src/runtime/write-order.js";

const TOO_OFTEN = new Error("KV PUT failed: 429 Too Many Requests");

/** A write that fails so often before it works. */
function failing(times: number, error: Error = TOO_OFTEN) {
  return jest.fn(() => (times-- > 0 ? Promise.reject(error) : Promise.resolve()));
}

describe("writeInOrder", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it("tries again a second later when KV refuses a second write within a second", async () => {
    const write = failing(1);
    const done = writeInOrder({}, "a", write, true);
    await jest.advanceTimersByTimeAsync(999);
    expect(write).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(251);
    await done;

    expect(write).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["a second", 0, 1000],
    ["up to a quarter more", 0.9, 1225],
  ])("waits %s, so that isolates that were refused together do not come back together", async (_, chance, ms) => {
    jest.spyOn(Math, "random").mockReturnValue(chance);
    const write = failing(1);
    const done = writeInOrder({}, "a", write, true);
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(write).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    await done;

    expect(write).toHaveBeenCalledTimes(2);
  });

  it("fails after the third time, at once when it is not patient, and at once for any other failure", async () => {
    const often = failing(9);
    const once = failing(9);
    const down = failing(9, new Error("KV PUT failed: 503 Service Unavailable"));
    const failed = Promise.allSettled([
      writeInOrder({}, "a", often, true),
      writeInOrder({}, "a", once, false),
      writeInOrder({}, "a", down, true),
    ]);
    await jest.advanceTimersByTimeAsync(10_000);

    expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect([often, once, down].map(({ mock }) => mock.calls.length)).toEqual([3, 1, 1]);
  });

  it("begins a write when the one before it is over, for each key by itself", async () => {
    const order: string[] = [];
    const binding = {};
    const take = (name: string, seconds: number) => async () => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      order.push(name);
    };
    const all = Promise.all([
      writeInOrder(binding, "a", take("first", 2), true),
      writeInOrder(binding, "a", take("second", 0), true),
      writeInOrder(binding, "b", take("other", 1), true),
    ]);
    await jest.advanceTimersByTimeAsync(3000);
    await all;

    expect(order).toEqual(["other", "first", "second"]);
  });

  it("leaves out a write that waits while a newer one comes, and answers it with the newer one's outcome", async () => {
    const binding = {};
    const first = failing(9);
    const [second, third] = [failing(0), failing(0)];
    const done = [first, second, third].map((write) => writeInOrder(binding, "a", write, true));
    await jest.advanceTimersByTimeAsync(2000);
    await Promise.all(done);

    expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1]);
  });

  it("does not wait for a write whose request is gone", async () => {
    const binding = {};
    void writeInOrder(binding, "a", () => new Promise(() => undefined), true);
    const write = failing(0);
    const done = writeInOrder(binding, "a", write, true);
    await jest.advanceTimersByTimeAsync(3000);
    await done;

    expect(write).toHaveBeenCalledTimes(1);
  });

  it("keeps a write that waits when a newer one builds on it", async () => {
    const binding = {};
    const order: string[] = [];
    const take = (name: string) => () => Promise.resolve(void order.push(name));
    await Promise.all([
      writeInOrder(binding, "a", take("first"), true),
      writeInOrder(binding, "a", take("second"), true),
      writeInOrder(binding, "a", take("builds on it"), true, true),
    ]);

    expect(order).toEqual(["first", "second", "builds on it"]);
  });
});
