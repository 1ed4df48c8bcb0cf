import { createHash } from "node:crypto";
import { access, copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assetsHandling } from "../engine/assets.js";
import type { EngineAssets } from "../engine/types.js";
import type { BlobFolder } from "./blob-folder.js";
import type { AssetsRecord } from "./records.js";

/** Uploaded assets as a folder of files, which workerd serves. Created once for the same assets. */
export async function assetsFolder(
  parent: string,
  { files, config }: AssetsRecord,
  blobs: BlobFolder,
): Promise<EngineAssets> {
  const digest = createHash("sha256")
    .update(JSON.stringify([files, config]))
    .digest("hex");
  const directory = join(parent, digest);
  if (!(await exists(directory))) {
    const beside = `${directory}.new`;
    await rm(beside, { recursive: true, force: true });
    await mkdir(beside, { recursive: true, mode: 0o700 });
    for (const [path, hash] of Object.entries(files)) {
      const file = join(beside, ...path.split("/").map(decoded));
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await copyFile(blobs.path(`asset-${hash}`), file);
    }
    // workerd looks for these three in every folder of assets; only uploaded ones may apply.
    for (const name of ["_headers", "_redirects", ".assetsignore"]) {
      const { [name]: text } = config;
      await writeFile(join(beside, name), typeof text === "string" ? text : "", { mode: 0o600 });
    }
    await rename(beside, directory);
  }
  return { directory, ...assetsHandling(config) };
}

/** Some clients percent-encode the names of files, some do not. A name that leads outside the folder is invalid. */
function decoded(name: string): string {
  let text = name;
  try {
    text = decodeURIComponent(name);
  } catch {
    // A name with a percent sign, sent as it is.
  }
  return text === ".." || /[/\\\0]/.test(text) ? name : text;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
