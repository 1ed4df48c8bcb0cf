import { join } from "node:path";
import { ServiceError } from "../../errors.js";
import { ownerOf } from "../engine/folder-lock.js";
import { SECRET_HEADER } from "../engine/loopback-guard.js";
import type { UsageCount } from "../engine/usage-count.js";
import { WorkerdClient } from "../engine/workerd-client.js";
import { UsageBook } from "../engine/usage-book.js";
import { workerdFolder } from "./folder.js";
import { SHARED_PREFIX } from "./shared-store.js";

/** The call by which a dev server reports to other processes what its Workers did with namespaces. */
export const USAGE_ACTION = "usage";

/** The file in which `cfkv dev` keeps what its Workers did. */
export function usagePath(folder: string): string {
  return join(folder, "usage.json");
}

/**
 * What Workers did with namespaces under `cfkv dev`, by namespace name: from the server if it runs, otherwise from what
 * the last one kept.
 */
export async function localUsage(folder: string): Promise<readonly UsageCount[]> {
  const owner = await ownerOf(workerdFolder(folder));
  if (owner?.url === undefined || owner.secret === undefined) return (await UsageBook.open(usagePath(folder))).counts;
  const client = new WorkerdClient();
  try {
    const url = `${owner.url.replace("//localhost:", "//127.0.0.1:")}${SHARED_PREFIX}-/${USAGE_ACTION}`;
    const response = await client.send(url, { [SECRET_HEADER]: owner.secret });
    if (response.ok) return (await response.json()) as UsageCount[];
    throw new ServiceError("RUNTIME_ENDED", `cfkv dev answered with status ${response.status}`, "try again");
  } finally {
    client.close();
  }
}
