import { spawnSync } from "node:child_process";

describe("test/fast.config.js", () => {
  it("names only tests that exist", () => {
    const { status, stderr } = spawnSync(process.execPath, ["test/fast.config.js"], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });
});
