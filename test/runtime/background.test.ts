import { keepAlive, runLater } from "../../src/runtime/background.js";
import { background } from "./support/background.js";

const DOWN = () => Promise.reject(new Error("KV PUT failed: 503 Service Unavailable"));

describe("runLater", () => {
  it("hands the write over, so that the answer does not wait for it", async () => {
    const later = background();
    const write = jest.fn(() => Promise.resolve());

    expect(runLater({ waitUntil: later.waitUntil }, write)).toBeUndefined();
    expect([write.mock.calls.length, later.size]).toEqual([1, 1]);
    await later.settled();
  });

  it("awaits the write where nothing else keeps it alive", async () => {
    let stored = false;
    await runLater({}, async () => {
      await Promise.resolve();
      stored = true;
    });

    expect(stored).toBe(true);
  });

  it("reports a write that fails, and never rejects", async () => {
    const later = background();
    const reported: string[] = [];
    const onError = ({ code }: { code: string }) => void reported.push(code);
    await runLater({ onError }, DOWN);
    void runLater({ onError, waitUntil: later.waitUntil }, DOWN);
    await later.settled();

    expect(reported).toEqual(["UNAVAILABLE", "UNAVAILABLE"]);
  });
});

describe("keepAlive", () => {
  it("returns the work to be awaited when waitUntil throws, and reports why", () => {
    const reported: string[] = [];
    const waitUntil = () => {
      throw new TypeError("Illegal invocation");
    };
    const work = Promise.resolve();

    expect(keepAlive({ waitUntil, onError: ({ message }) => void reported.push(message) }, work)).toBe(work);
    expect(reported).toEqual(["waitUntil failed: pass ctx.waitUntil.bind(ctx)"]);
  });
});
