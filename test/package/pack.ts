import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Builds and packs the package once for all test files. */
export default function pack(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "packed-"));
  execFileSync(process.execPath, ["--import", "tsx", "scripts/build.ts", "--if-stale"], { stdio: "inherit" });
  const json = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = JSON.parse(json) as [{ filename: string; files: { path: string }[] }];
  process.env.PACKED_TARBALL = join(folder, packed.filename);
  // A file, as their names together are longer than what one variable of the environment may hold.
  process.env.PACKED_FILES = join(folder, "files.json");
  writeFileSync(process.env.PACKED_FILES, JSON.stringify(packed.files.map(({ path }) => path)));
  return () => rmSync(folder, { recursive: true, force: true });
}
