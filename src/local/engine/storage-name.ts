import { createHash } from "node:crypto";

/** The name of a namespace or database in files and services: short, and safe in every file system. */
export function storageName(id: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(id)) return id;
  const readable = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 32);
  return `${readable}-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}
