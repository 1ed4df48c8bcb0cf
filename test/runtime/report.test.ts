import { KvError } from "../../src/runtime/errors.js";
import { report } from "../../src/runtime/report.js";

const problem = (code: "QUOTA" | "CORRUPT_VALUE") => new KvError(code, "get", "what is wrong", { key: "user:42" });

describe("report", () => {
  const warn = jest.spyOn(console, "warn");
  beforeEach(() => warn.mockReset().mockReturnValue());
  afterAll(() => warn.mockRestore());

  it("logs the first failure of each code when there is no hook, without the key", () => {
    for (const code of ["QUOTA", "QUOTA", "CORRUPT_VALUE"] as const) report({}, problem(code));

    expect(warn.mock.calls).toEqual([["QUOTA: what is wrong"], ["CORRUPT_VALUE: what is wrong"]]);
  });

  it("calls only the hook where there is one", () => {
    const reported: KvError[] = [];
    report({ onError: (error) => void reported.push(error) }, problem("QUOTA"));

    expect([reported.length, warn.mock.calls.length]).toEqual([1, 0]);
  });
});
