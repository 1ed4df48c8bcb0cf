import type { IncomingMessage } from "node:http";
import { SECRET_HEADER } from "../engine/loopback-guard.js";
import { WorkerdClient } from "../engine/workerd-client.js";
import { EngineStore } from "../engine/store.js";
import { type RunSql, SqlError } from "../../d1/index.js";
import { ServiceError } from "../../errors.js";
import { startEngine } from "../engine/engine.js";
import { workerdFolder } from "./folder.js";
import { folderInUse, ownerOf } from "../engine/folder-lock.js";

/** The path at which a dev server gives other processes access to its data, if they know its secret. */
export const SHARED_PREFIX = "/cdn-cgi/cfkv/store/";

/** A namespace of the data that `cfkv dev` keeps. */
export interface SharedStore {
  readonly store: EngineStore;
  readonly close: () => Promise<void>;
}

/**
 * Opens a namespace of a data folder: through the dev server that uses it, or, if none runs, through a separate
 * workerd. The caller closes it.
 *
 * @throws InputError `DATA_FOLDER_IN_USE` when a process uses the folder without sharing it
 */
export async function openSharedStore(folder: string, namespaceId: string): Promise<SharedStore> {
  const data = workerdFolder(folder);
  const owner = await ownerOf(data);
  if (owner?.url !== undefined && owner.secret !== undefined) {
    const url = owner.url.replace("//localhost:", "//127.0.0.1:");
    return remoteStore(`${url}${SHARED_PREFIX}${encodeURIComponent(namespaceId)}`, owner.secret);
  }
  if (owner !== undefined && owner.pid !== process.pid) throw folderInUse(data, owner);
  const engine = await startEngine({ dataFolder: data });
  try {
    await engine.apply({ namespaces: [{ id: namespaceId }], workers: [] });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return { store: engine.store(namespaceId), close: () => engine.dispose() };
}

/**
 * A database of a running dev server, or undefined if none runs. The caller closes it.
 */
export async function openSharedDatabase(folder: string, databaseId: string): Promise<SharedDatabase | undefined> {
  const owner = await ownerOf(workerdFolder(folder));
  if (owner?.url === undefined || owner.secret === undefined) return undefined;
  const { secret } = owner;
  const client = new WorkerdClient();
  const url = `${owner.url.replace("//localhost:", "//127.0.0.1:")}${SHARED_PREFIX}${encodeURIComponent(databaseId)}/sql`;
  const run: RunSql = async (statements) => {
    const response = await client.send(url, { [SECRET_HEADER]: secret }, JSON.stringify(statements));
    if (response.status === 400) throw new SqlError(await response.text());
    if (!response.ok)
      throw new ServiceError(
        "RUNTIME_ENDED",
        `cfkv dev, which has the data, answered: ${await response.text()}`,
        "try again",
      );
    return (await response.json()) as Awaited<ReturnType<RunSql>>;
  };
  return { run, close: () => client.close() };
}

/** A database, until it is closed. */
export interface SharedDatabase {
  readonly run: RunSql;
  readonly close: () => void;
}

function remoteStore(url: string, secret: string): SharedStore {
  const client = new WorkerdClient();
  const store = new EngineStore((action, query, body) =>
    client.send(`${url}/${action}?${new URLSearchParams(query).toString()}`, { [SECRET_HEADER]: secret }, body),
  );
  return {
    store,
    close: async () => {
      client.close();
      return Promise.resolve();
    },
  };
}

/** The parameters of a request to {@link SHARED_PREFIX}; undefined without the right secret. */
export interface SharedCall {
  /** A namespace, or for the action `sql` a database. */
  readonly id: string;
  readonly action: string;
  readonly query: Record<string, string>;
}

export function sharedCall(request: IncomingMessage, secret: string): SharedCall | undefined {
  if (request.headers[SECRET_HEADER] !== secret) return undefined;
  const url = new URL(request.url ?? "/", "http://localhost");
  const [id = "", action = ""] = url.pathname.slice(SHARED_PREFIX.length).split("/");
  return { id: decodeURIComponent(id), action, query: Object.fromEntries(url.searchParams) };
}
