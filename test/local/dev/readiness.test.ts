import { Readiness } from "../../../src/local/dev/readiness.js";

/** What becomes of requests: each notes its name when it may go on. */
function requests(readiness: Readiness): {
  readonly answered: string[];
  readonly send: (name: string) => Promise<void>;
} {
  const answered: string[] = [];
  return { answered, send: (name) => readiness.wait().then(() => void answered.push(name)) };
}

describe("readiness", () => {
  it("holds back requests that come before the first preparation and during it", async () => {
    const readiness = new Readiness();
    const { answered, send } = requests(readiness);
    const early = send("early");
    let during = Promise.resolve();
    await readiness.during(async () => {
      during = send("during");
      await new Promise(setImmediate);
      answered.push("prepared");
    });
    await Promise.all([early, during]);
    expect(answered).toEqual(["prepared", "early", "during"]);
  });

  it("holds back requests during a later preparation", async () => {
    const readiness = new Readiness();
    const { answered, send } = requests(readiness);
    await readiness.during(async () => Promise.resolve());
    await send("between");
    let during = Promise.resolve();
    await readiness.during(async () => {
      during = send("during");
      await new Promise(setImmediate);
      answered.push("prepared");
    });
    await during;
    expect(answered).toEqual(["between", "prepared", "during"]);
  });

  it("lets requests go on after a preparation that failed, and passes its error on", async () => {
    const readiness = new Readiness();
    const { answered, send } = requests(readiness);
    const early = send("early");
    await expect(readiness.during(() => Promise.reject(new Error("no table")))).rejects.toThrow("no table");
    await early;
    await send("later");
    expect(answered).toEqual(["early", "later"]);
  });
});
