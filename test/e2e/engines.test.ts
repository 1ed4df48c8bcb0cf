import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { changesOf, run } from "./engines.js";

describe("a program that is run", () => {
  it("can talk to a server of this process, as terraform does to the emulator", async () => {
    const server = createServer((_, response) => response.end("from the same process"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const script = `fetch("http://127.0.0.1:${port}", { signal: AbortSignal.timeout(5000) })
      .then(async (answer) => console.log(await answer.text()))`;
    try {
      expect(await run(".", process.execPath, ["-e", script])).toEqual({
        status: 0,
        output: "from the same process\n",
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("ends with its code and both its streams, or with why it did not start", async () => {
    const script = 'console.log("out"); console.error("err"); process.exitCode = 2';

    expect(await run(".", process.execPath, ["-e", script])).toEqual({ status: 2, output: "out\nerr\n" });
    expect(await run(".", "no-such-engine", [])).toMatchObject({
      status: null,
      output: expect.stringContaining("ENOENT") as string,
    });
  });
});

it("reads from an engine's output what its plan does", () => {
  expect(changesOf("…\nPlan: 1 to import, 2 to add, 3 to change, 4 to destroy.\n…")).toEqual({
    import: 1,
    add: 2,
    change: 3,
    destroy: 4,
  });
  expect(changesOf("Plan: 0 to add, 12 to change, 0 to destroy, 1 to forget.")).toMatchObject({
    change: 12,
    import: 0,
  });
  expect(changesOf("No changes. Your infrastructure matches the configuration.")).toMatchObject({ destroy: 0 });
});
