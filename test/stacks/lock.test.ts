import { readFileSync } from "node:fs";
import { App } from "cdktf";
import { edgeStore } from "../../stacks/edge-store.js";
import { tempDirs } from "../support/temp-dir.js";

const { path } = tempDirs();

describe("the reference set's cfkv.lock.json", () => {
  it("fits what the set defines, as nobody would notice in a clone otherwise", () => {
    const { CDKTF_CONTEXT_JSON: context, CI } = process.env;
    delete process.env["CDKTF_CONTEXT_JSON"];
    // Never written then: a lock that does not fit is a warning.
    process.env["CI"] = "1";
    try {
      const app = new App({ outdir: path("out"), context: { lock: "cfkv.lock.json" } });
      edgeStore(app);
      app.synth();
    } finally {
      Object.assign(process.env, { CDKTF_CONTEXT_JSON: context, CI });
      if (CI === undefined) delete process.env["CI"];
    }

    const assembly = readFileSync(path("out/manifest.json"), "utf8");
    expect(assembly).not.toContain("LOCK_OUTDATED");
    // Stacks that an example or a test wrote into it.
    expect(assembly).not.toContain("STACK_GONE");
  });
});
