import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for each test, outside CI and any context of cdktf, so that locks are written in it; quietly. */
export function lockFolders(): { readonly folder: string } {
  const current = { folder: "" };
  const { CDKTF_CONTEXT_JSON: context, CI: ci } = process.env;
  beforeEach(() => {
    current.folder = mkdtempSync(join(tmpdir(), "cfkv-pairs-"));
    delete process.env["CDKTF_CONTEXT_JSON"];
    delete process.env["CI"];
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => {
    rmSync(current.folder, { recursive: true, force: true });
    Object.assign(process.env, {
      ...(context !== undefined && { CDKTF_CONTEXT_JSON: context }),
      ...(ci !== undefined && { CI: ci }),
    });
    jest.restoreAllMocks();
  });
  return current;
}
