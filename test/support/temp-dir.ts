import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * A directory of its own for each test of the file, removed after it.
 *
 * @param parent - where it is created: `temporaryParent` for thousands of files, which take minutes to remove from a disk
 */
export function tempDirs(parent: () => string | Promise<string> = tmpdir): {
  path: (...names: string[]) => string;
  write: (name: string, content: string | Uint8Array) => string;
} {
  let root = "";
  beforeEach(async () => {
    root = mkdtempSync(join(await parent(), "cfkv-"));
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
