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

  it("has no addresses of workerd's own code", () => {
    const stack = "stack: /app/workerd@51f50be /app/workerd@51f5bb0; sentryErrorContext = jsgInternalError";
    const lookup =
      "e = kj/async-io-unix.c++:1298: failed: DNS lookup failed.; params.host = shop.invalid; params.service = ;";
    expect(info(`${lookup} gai_strerror(status) = Name or service not known\n${stack}`)).toEqual({
      level: "info",
      message: "no address was found for the host 'shop.invalid' (DNS)",
    });
    const frames = "disconnected: WebSocket disconnected between frames without sending `Close`.";
    expect(info(`exception = kj/compat/http.c++:2845: ${frames}\n${stack}`)).toBeUndefined();
    expect(info(`exception = kj/async-io-unix.c++:186: disconnected: worker_do_not_log\n${stack}`)).toBeUndefined();
    const other = `e = kj/filesystem-disk-unix.c++:9: failed: no space left on device\n${stack}`;
    expect(info(other)).toEqual({ level: "info", message: other });
    const own = "e = kj/made by a Worker";
    expect(info(own)).toEqual({ level: "info", message: own });
  });
});
