import { devVarsFiles, readDevVars } from "../../../src/local/dev/vars.js";
import { tempDirs } from "../../support/temp-dir.js";

const dirs = tempDirs();

describe(".dev.vars", () => {
  it("is read as wrangler reads it", () => {
    const source = [
      "# secrets of this machine",
      "PLAIN=abc=def",
      "  export SPACED = two words  # and why",
      "SINGLE='a # b \\n'",
      'DOUBLE="line 1\\nline 2" # quoted',
      'JSON={"a":1}',
      "EMPTY=",
      "",
      'KEY="-----BEGIN',
      'KEY-----"',
      "LAST=1",
    ].join("\r\n");
    const file = dirs.write(".dev.vars", source);
    expect(Object.fromEntries(readDevVars([file]))).toEqual({
      PLAIN: "abc=def",
      SPACED: "two words",
      SINGLE: "a # b \\n",
      DOUBLE: "line 1\nline 2",
      JSON: '{"a":1}',
      EMPTY: "",
      KEY: "-----BEGIN\nKEY-----",
      LAST: "1",
    });
  });

  it("of the environment goes before the common one, and neither has to exist", () => {
    const files = devVarsFiles(dirs.path(), "dev");
    expect(readDevVars(files).size).toBe(0);
    dirs.write(".dev.vars", "A=common\nB=common");
    dirs.write(".dev.vars.dev", "B=dev");
    dirs.write(".dev.vars.prod", "B=prod");
    expect(Object.fromEntries(readDevVars(files))).toEqual({ A: "common", B: "dev" });
  });
});
