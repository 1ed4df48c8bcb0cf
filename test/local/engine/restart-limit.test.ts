import { RestartLimit } from "../../../src/local/engine/restart-limit.js";

describe("the lives of a runtime", () => {
  it("are five a minute", () => {
    let now = 0;
    const limit = new RestartLimit(() => now);
    const taken = Array.from({ length: 6 }, () => limit.take());
    expect(taken).toEqual([true, true, true, true, true, false]);

    now = 59_999;
    expect(limit.take()).toBe(false);
    now = 60_000;
    expect(limit.take()).toBe(true);
  });

  it("are tried once more when it has rested for a minute, or when something else runs", () => {
    let now = 1_000;
    const limit = new RestartLimit(() => now);
    limit.take();
    limit.giveUp("it keeps crashing");
    expect([limit.reason, limit.rested]).toEqual(["it keeps crashing", false]);
    now = 61_000;
    expect(limit.rested).toBe(true);
    expect([limit.take(), limit.reason]).toEqual([true, undefined]);

    limit.giveUp("it keeps crashing");
    limit.reset();
    expect(limit.reason).toBeUndefined();
  });
});
