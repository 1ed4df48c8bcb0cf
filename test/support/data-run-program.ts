import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

/** `data-run.ts` as one file, so that each of the many starts takes no time; there while the file's tests run. */
export function dataRunProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), "cfkv-data-run-"));
  const program = join(folder, "data-run.mjs");
  beforeAll(() =>
    build({
      entryPoints: ["test/support/data-run.ts"],
      outfile: program,
      bundle: true,
      format: "esm",
      platform: "node",
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    }),
  );
  afterAll(() => rmSync(folder, { recursive: true }));
  return program;
}
