import { Pool } from "../../src/data/pool.js";

/** Tasks that end when they are told to, and what is running of them. */
function tasks() {
  const ends = new Map<string, () => void>();
  const started: string[] = [];
  const task = (name: string) => () =>
    new Promise<void>((resolve) => {
      started.push(name);
      ends.set(name, resolve);
    });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await turn();
  };
  return { task, end, turn, started };
}

describe("a pool", () => {
  it("takes as many bytes as it may, to the byte, and no more", async () => {
    const { task, end, turn, started } = tasks();
    const pool = new Pool(10, 100);

    await pool.start(60, task("a"));
    await pool.start(40, task("b"));
    const third = pool.start(1, task("c"));
    await turn();
    expect(started).toEqual(["a", "b"]);

    await end("b");
    await third;
    expect(started).toEqual(["a", "b", "c"]);
    const fourth = pool.start(40, task("d"));
    await turn();
    expect(started).toEqual(["a", "b", "c"]);

    await end("c");
    await fourth;
    await end("a");
    await end("d");
    await pool.finish();
    expect(started).toEqual(["a", "b", "c", "d"]);
  });

  it("runs a task that is larger than all room alone", async () => {
    const { task, end, turn, started } = tasks();
    const pool = new Pool(10, 100);

    await pool.start(1, task("small"));
    const large = pool.start(1000, task("large"));
    await turn();
    expect(started).toEqual(["small"]);

    await end("small");
    await large;
    const after = pool.start(1, task("after"));
    await turn();
    expect(started).toEqual(["small", "large"]);
    await end("large");
    await after;
    await end("after");
    await pool.finish();
  });

  it("runs as many tasks as it may, and no more", async () => {
    const { task, end, turn, started } = tasks();
    const pool = new Pool(2, 100);

    await pool.start(1, task("a"));
    await pool.start(1, task("b"));
    const third = pool.start(1, task("c"));
    await turn();
    expect(started).toEqual(["a", "b"]);
    await end("a");
    await third;
    expect(started).toEqual(["a", "b", "c"]);
    for (const name of ["b", "c"]) await end(name);
    await pool.finish();
  });

  it("starts nothing after a failure, and throws it", async () => {
    const pool = new Pool(2, 100);
    await pool.start(1, () => Promise.reject(new Error("first")));
    await pool.settle();

    await expect(pool.start(1, () => Promise.resolve())).rejects.toThrow("first");
    await expect(pool.finish()).rejects.toThrow("first");
  });
});
