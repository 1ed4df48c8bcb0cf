import { RuntimeLives } from "../../../src/local/engine/restart-limit.js";

describe("the lives of a runtime", () => {
  it("are five a minute", () => {
    let now = 0;
    const lives = new RuntimeLives(() => now);
    const taken = Array.from({ length: 6 }, () => lives.take());
    expect(taken).toEqual([true, true, true, true, true, false]);

    now = 59_999;
    expect(lives.take()).toBe(false);
    now = 60_000;
    expect(lives.take()).toBe(true);
  });

  it("are tried once more when it has rested for a minute, or when something else runs", () => {
    let now = 1_000;
    const lives = new RuntimeLives(() => now);
    lives.take();
    lives.giveUp("again and again");
    expect([lives.reason, lives.rested]).toEqual(["again and again", false]);
    now = 61_000;
    expect(lives.rested).toBe(true);
    expect([lives.take(), lives.reason]).toEqual([true, undefined]);

    lives.giveUp("again and again");
    lives.renew();
    expect(lives.reason).toBeUndefined();
  });
});
