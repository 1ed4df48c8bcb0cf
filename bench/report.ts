/** A report of 200 stacks with 1,000 namespaces, in each format: reading the assembly, building and writing it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { readAssembly } from "../src/assembly/index.js";
import { EnvironmentSet } from "../src/constructs/environment-set.js";
import { WorkerCode } from "../src/constructs/worker-code.js";
import { buildReport } from "../src/report/build/build-report.js";
import { renderReport, REPORT_FORMATS } from "../src/report/render/render-report.js";

const APPS = 200;
const BINDINGS = ["SESSIONS", "CACHE", "CONFIG", "FLAGS", "PREFERENCES"];

export async function run(): Promise<void> {
  const outdir = mkdtempSync(join(tmpdir(), "bench-report-"));
  try {
    const app = new App({ outdir, context: { lock: false } });
    const code = WorkerCode.fromInline("export default { fetch: () => new Response('hello') };");
    for (let at = 0; at < APPS; at++) {
      new EnvironmentSet(app, `app${at}`, {
        app: `app${at}`,
        accountId: "0".repeat(32),
        namespaces: Object.fromEntries(
          BINDINGS.map((binding) => [binding, { ttlSeconds: 3600, description: binding }]),
        ),
        worker: { code, workersDev: true },
        environments: { prod: {} },
      });
    }
    app.synth();
    console.log("format        ms     bytes");
    for (const format of REPORT_FORMATS) {
      const started = performance.now();
      const { stacks } = readAssembly(outdir);
      const text = await renderReport(buildReport(stacks, { all: stacks }), format);
      console.log(
        `${format.padEnd(6)} ${Math.round(performance.now() - started)
          .toString()
          .padStart(9)} ${text.length.toString().padStart(9)}`,
      );
    }
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
