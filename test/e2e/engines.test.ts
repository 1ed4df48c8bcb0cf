import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { run } from "./engines.js";

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
