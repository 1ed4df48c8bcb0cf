import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outsideCi } from "./outside-ci.js";

/** A folder for each test, outside CI, so that locks are written in it. */
export function lockFolders(): { readonly folder: string } {
  const current = { folder: "" };
  outsideCi();
  beforeEach(() => {
    current.folder = mkdtempSync(join(tmpdir(), "cfkv-pairs-"));
  });
  afterEach(() => rmSync(current.folder, { recursive: true, force: true }));
  return current;
}
