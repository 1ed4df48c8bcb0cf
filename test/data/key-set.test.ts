import { KeySet } from "../../src/data/key-set.js";

describe("KeySet", () => {
  it("knows each of 200,000 similar keys, and no other", () => {
    const keys = new KeySet();
    let added = 0;
    for (let at = 0; at < 200_000; at++) if (keys.add(`user:${at}`)) added++;

    let known = 0;
    let strangers = 0;
    for (let at = 0; at < 200_000; at++) {
      if (keys.has(`user:${at}`)) known++;
      if (keys.has(`user;${at}`)) strangers++;
    }

    expect([added, keys.size, known, strangers]).toEqual([200_000, 200_000, 200_000, 0]);
  });

  it("tells when a key was there before", () => {
    const keys = new KeySet();

    expect([keys.add("a"), keys.add("a"), keys.add("\u0000"), keys.add("\u0000\u0000"), keys.size]).toEqual([
      true,
      false,
      true,
      true,
      3,
    ]);
  });
});
