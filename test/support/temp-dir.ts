import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A directory of its own for each test of the file, removed after it. */
export function tempDirs(): {
  path: (...names: string[]) => string;
  write: (name: string, content: string | Uint8Array) => string;
} {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "cfkv-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const path = (...names: string[]) => join(root, ...names);
  return {
    path,
    write: (name, content) => {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
      return path(name);
    },
  };
}
