import { runLater, tell } from "../../src/runtime/common.js";
import { KvError } from "../../src/runtime/errors.js";
import { background } from "./support/background.js";

const TOO_OFTEN = new Error("KV PUT failed: 429 Too Many Requests");

/** A write that fails so often before it works. */
function failing(times: number, error: Error = TOO_OFTEN) {
  return jest.fn(() => (times-- > 0 ? Promise.reject(error) : Promise.resolve()));
}

describe("runLater", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("tries a write once more when a key was written too often, a second later, after the response", async () => {
    const later = background();
    const write = failing(1);
    expect(runLater({ waitUntil: later.waitUntil }, write)).toBeUndefined();
    await jest.advanceTimersByTimeAsync(999);
    expect(write).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(501);
    await later.settled();
    expect(write).toHaveBeenCalledTimes(2);
  });

  it("does not wait within a request, and tells", async () => {
    const told: string[] = [];
    const write = failing(1);
    await runLater({ onError: ({ code }) => told.push(code) }, write);

    expect(write).toHaveBeenCalledTimes(1);
    expect(told).toEqual(["RATE_LIMITED"]);
  });

  it("gives up after the second time, and on any other failure at once", async () => {
    const later = background();
    const told: string[] = [];
    const common = { waitUntil: later.waitUntil, onError: ({ code }: { code: string }) => void told.push(code) };
    const often = failing(9);
    const down = failing(9, new Error("KV PUT failed: 503 Service Unavailable"));
    void runLater(common, often);
    void runLater(common, down);
    await jest.advanceTimersByTimeAsync(10_000);
    await later.settled();

    expect([often.mock.calls.length, down.mock.calls.length]).toEqual([2, 1]);
    expect(told.sort()).toEqual(["RATE_LIMITED", "UNAVAILABLE"]);
  });
});

describe("tell", () => {
  const problem = (code: "QUOTA" | "CORRUPT_VALUE") => new KvError(code, "get", "what is wrong", { key: "user:42" });

  it("logs the first failure of each code when nobody asked to be told, without the key", () => {
    const warn = jest.spyOn(console, "warn").mockReturnValue();
    for (const code of ["QUOTA", "QUOTA", "CORRUPT_VALUE"] as const) tell({}, problem(code));

    expect(warn.mock.calls).toEqual([["QUOTA: what is wrong"], ["CORRUPT_VALUE: what is wrong"]]);
    warn.mockRestore();
  });

  it("tells only the hook where there is one", () => {
    const warn = jest.spyOn(console, "warn").mockReturnValue();
    const told: KvError[] = [];
    tell({ onError: (error) => void told.push(error) }, problem("QUOTA"));

    expect([told.length, warn.mock.calls.length]).toEqual([1, 0]);
    warn.mockRestore();
  });
});
