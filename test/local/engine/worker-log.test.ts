import { workerLog } from "../../../src/local/engine/worker-log.js";

const info = (message: string) => workerLog({ level: "info", message });

describe("what the runtime prints", () => {
  it("is shown unchanged when a Worker prints it", () => {
    expect(info("said; stack = none")).toEqual({ level: "info", message: "said; stack = none" });
  });

  it("is an error with its stack when an exception is not caught", () => {
    expect(info("uncaught exception; source = Uncaught; stack = Error: no\n    at file:///i.js:1:1")).toEqual({
      level: "error",
      message: "uncaught Error: no\n    at file:///i.js:1:1",
      uncaught: true,
    });
    expect(info("uncaught exception; source = Uncaught (in promise); exception = text")).toMatchObject({
      message: "uncaught text",
    });
  });

  it("is shown once: not in the words of C++, and not of the engine's own Workers", () => {
    expect(info("uncaught exception; exception = workerd/jsg/value.h:1: failed: jsg.Error: no")).toBeUndefined();
    for (const again of ["async", "in response", "in alarm"]) {
      expect(info(`uncaught exception; source = Uncaught (${again}); stack = Error: no`)).toBeUndefined();
    }
    expect(
      info("uncaught exception; source = Uncaught; stack = Error: no\n    at async Object.fetch (script-0:16:22)"),
    ).toBeUndefined();
  });
});
