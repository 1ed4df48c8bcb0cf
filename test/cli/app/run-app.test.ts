import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { tempDirs } from "../../support/temp-dir.js";

// Real processes start here, on a machine that may be busy.
jest.setTimeout(30_000);

const dirs = tempDirs();

describe("an app that is synthesizing", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  // The shell of two commands has a process of its own, and the app is below it.
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ends with the command at %s", async (signal) => {
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    dirs.write("cdktf.json", JSON.stringify({ app: "node -e '' && node app.cjs" }));
    dirs.write(
      "app.cjs",
      `const line = require("node:net").connect(${port}, "127.0.0.1", () => {
         // As busy as a synthesis: no event is handled meanwhile.
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
         line.end("ended by itself");
       });`,
    );
    const tsx = pathToFileURL(join(process.cwd(), "node_modules/tsx/dist/loader.mjs")).href;
    const bin = join(process.cwd(), "src/cli/bin.ts");
    const command = spawn(process.execPath, ["--import", tsx, bin, "synth"], { cwd: dirs.path(), stdio: "ignore" });
    const closed = once(command, "close");
    const [line] = (await once(server, "connection")) as [Socket];
    command.kill(signal);
    expect(await text(line)).toBe("");
    expect(await closed).toEqual([null, signal]);
  });
});
