import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDirs } from "../../support/temp-dir.js";
import { cli } from "../run-cli.js";

jest.setTimeout(60_000);

const dirs = tempDirs();
const FIXTURE = join(process.cwd(), "test/fixtures/assembly/hand-written");

/** An app without cdktf: it copies an assembly, and names a Worker as a variable says. */
const APP = `
import { cpSync, readFileSync, writeFileSync } from "node:fs";
const out = process.env.CDKTF_OUTDIR;
[out].forEach((_) => cpSync(${JSON.stringify(FIXTURE)}, _, { recursive: true }));
const code = "export default { fetch: () => new Response() };";
writeFileSync(out + "/stacks/web/backend.js", code);
if (process.env.BROKEN === "yes") writeFileSync(out + "/stacks/web/backend.js", "export default { fetch() { throw new Error('broken'); } };");
const manifest = out + "/manifest.json";
writeFileSync(manifest, readFileSync(manifest));
`;

const once = (env: Record<string, string> = {}) => cli(["dev", "web", "--once"], { cwd: dirs.path(), env });

describe("an assembly that was made with other environment variables", () => {
  it("is made again, and no value of a variable is kept", async () => {
    writeFileSync(dirs.path("main.mjs"), APP);
    writeFileSync(dirs.path("cdktf.json"), JSON.stringify({ app: `${process.execPath} main.mjs` }));

    expect((await once({ UNRELATED: "1", _: "/usr/bin/npm" })).code).toBe(0);
    const unchanged = await once({ UNRELATED: "2", _: "/usr/bin/npx" });
    expect([unchanged.code, unchanged.stderr]).toEqual([0, expect.not.stringContaining("synthesizing")]);

    const changed = await once({ BROKEN: "yes" });
    expect(changed.stderr).toContain("synthesizing: it was made with another value of the environment variable BROKEN");
    expect(changed.code).toBe(1);
    expect((await once({ BROKEN: "yes" })).stderr).not.toContain("synthesizing");
    expect(readFileSync(dirs.path(".cfkv", "app.json"), "utf8")).not.toContain("yes");
    expect((await once()).code).toBe(0);
  });
});
