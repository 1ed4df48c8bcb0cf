import { createHash, createHmac } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storageName } from "./storage-name.js";

/** The folder of the runtime's files, for its owner only; a temporary one when none is wanted. */
export async function dataFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), "cfkv-"));
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  await chmod(wanted, 0o700);
  return wanted;
}

/** Removes what the runtime has stored of a namespace. */
export async function removeNamespace(folder: string, namespaceId: string): Promise<void> {
  const name = storageName(namespaceId);
  await rm(join(folder, "kv", name), { recursive: true, force: true });
  const database = join(folder, "kv", "miniflare-KVNamespaceObject", `${objectId(name)}.sqlite`);
  await Promise.all(["", "-shm", "-wal"].map((suffix) => rm(`${database}${suffix}`, { force: true })));
}

/** How Miniflare derives the file name of a namespace's database from its name. */
function objectId(name: string): string {
  const key = createHash("sha256").update("miniflare-KVNamespaceObject").digest();
  const named = createHmac("sha256", key).update(name).digest().subarray(0, 16);
  const checked = createHmac("sha256", key).update(named).digest().subarray(0, 16);
  return Buffer.concat([named, checked]).toString("hex");
}
