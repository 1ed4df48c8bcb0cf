import { createHash, createHmac } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { storageName } from "./storage-name.js";

/** The folder of workerd's files, for its owner only; a temporary one by default. */
export async function dataFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), "cfkv-"));
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  await chmod(wanted, 0o700);
  return wanted;
}

/** Removes the stored data of a namespace. */
export async function removeNamespace(folder: string, namespaceId: string): Promise<void> {
  const name = storageName(namespaceId);
  await rm(join(folder, "kv", name), { recursive: true, force: true });
  const database = join(folder, "kv", "miniflare-KVNamespaceObject", `${objectId("KVNamespaceObject", name)}.sqlite`);
  await Promise.all(["", "-shm", "-wal"].map((suffix) => rm(`${database}${suffix}`, { force: true })));
}

/** What is stored besides namespaces, and is still wanted. */
export interface KeptData {
  readonly databases: readonly string[];
  /** Whether the data of a bucket of this name is kept. */
  readonly keepsBucket: (name: string) => boolean;
  /** What Durable Objects are stored under. What is stored by names of Workers and classes is always kept. */
  readonly objects: readonly string[];
}

/**
 * Removes the data of databases, buckets and Durable Objects that are not wanted any more.
 *
 * @param wanted - asked after the folder has been read, so that what is created meanwhile is kept
 */
export async function sweep(folder: string, wanted: () => KeptData): Promise<void> {
  const [d1, r2, objects] = await Promise.all([
    filesIn(join(folder, "d1", "miniflare-D1DatabaseObject")),
    filesIn(join(folder, "r2", "miniflare-R2BucketObject")),
    filesIn(join(folder, "do")),
  ]);
  const buckets = await filesIn(join(folder, "r2"));
  const kept = wanted();
  const ids = (kind: string, names: readonly string[]) =>
    new Set(names.map((name) => objectId(kind, name)).concat("metadata"));
  const databases = ids("D1DatabaseObject", kept.databases.map(storageName));
  const bucketNames = buckets.map((path) => basename(path)).filter(kept.keepsBucket);
  const bucketFiles = ids("R2BucketObject", bucketNames);
  const gone = [
    ...d1.filter((path) => !databases.has(stem(path))),
    ...r2.filter((path) => !bucketFiles.has(stem(path))),
    ...buckets.filter((path) => !["miniflare-R2BucketObject", ...bucketNames].includes(basename(path))),
    ...objects.filter((path) => isStorage(path) && !kept.objects.some((id) => basename(path).startsWith(id))),
  ];
  await Promise.all(gone.map((path) => rm(path, { recursive: true, force: true })));
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  return names.map((name) => join(folder, name));
}

/** `<id>` of `<id>.sqlite-wal`. */
const stem = (path: string): string => basename(path).split(".sqlite")[0] ?? "";

const isStorage = (path: string): boolean => /^[0-9a-f]{32}(?![0-9a-f])/.test(basename(path));

/** How Miniflare derives the file name of a database from its name. */
function objectId(kind: string, name: string): string {
  const key = createHash("sha256").update(`miniflare-${kind}`).digest();
  const named = createHmac("sha256", key).update(name).digest().subarray(0, 16);
  const checked = createHmac("sha256", key).update(named).digest().subarray(0, 16);
  return Buffer.concat([named, checked]).toString("hex");
}
