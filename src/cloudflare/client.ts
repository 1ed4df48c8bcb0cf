import { isObject } from "../values/json.js";
import { AnalyticsClient } from "./analytics-client.js";
import { nothingMore, listOf } from "./answers.js";
import type { Credentials } from "./credentials.js";
import { CloudflareError } from "./errors.js";
import { D1Client } from "./d1-client.js";
import { Http, type HttpOptions } from "./http.js";
import { KvNamespaceClient } from "./kv-namespace-client.js";
import { WorkersClient } from "./workers-client.js";

/** A namespace of an account. */
export interface NamespaceInfo {
  readonly id: string;
  /** Its title in Cloudflare's API. */
  readonly namespaceName: string;
}

/** A Worker of an account. */
export interface WorkerUpload {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly modifiedOn?: number;
}

const ITEMS_PER_PAGE = 100;

/** A D1 database of an account. */
export interface DatabaseInfo {
  readonly databaseId: string;
  readonly name: string;
}

/**
 * A client for Cloudflare's v4 API: the routes this package uses, for one account.
 *
 * @example
 * const client = new CloudflareClient(credentialsFrom(process.env));
 * for (const { id, namespaceName } of await client.listNamespaces()) …
 *
 * @see https://developers.cloudflare.com/api/
 */
export class CloudflareClient {
  readonly accountId: string;
  private readonly http: Http;

  constructor(credentials: Credentials, options?: HttpOptions) {
    this.accountId = credentials.accountId;
    this.http = new Http(credentials, options);
  }

  get baseUrl(): string {
    return this.http.baseUrl;
  }

  /** The account's D1 databases. */
  get d1(): D1Client {
    return new D1Client(this.http, this.accountId);
  }

  /** What Cloudflare measured. */
  get analytics(): AnalyticsClient {
    return new AnalyticsClient(this.http, this.accountId);
  }

  /** The account's Workers and their addresses. */
  get workers(): WorkersClient {
    return new WorkersClient(this.http, this.accountId);
  }

  /** The entries of a namespace. */
  namespace(id: string): KvNamespaceClient {
    return new KvNamespaceClient(this.http, this.namespacesPath, id);
  }

  /** Every namespace of the account, by name. */
  async listNamespaces(): Promise<NamespaceInfo[]> {
    const query = { order: "title", direction: "asc" };
    return this.listPages(this.namespacesPath, "list namespaces", namespaceInfo, query);
  }

  /** Every D1 database of the account. Needs a token with 'D1: Read'. */
  async listDatabases(): Promise<DatabaseInfo[]> {
    return this.listPages(`accounts/${this.accountId}/d1/database`, "list databases", databaseInfo);
  }

  private async listPages<T>(
    path: string,
    doing: string,
    read: (item: unknown) => T | undefined,
    query: Readonly<Record<string, string>> = {},
  ): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page++) {
      const { result, info } = await this.http.call(
        { method: "GET", path, doing, query: { page, per_page: ITEMS_PER_PAGE, ...query } },
        listOf(read),
      );
      found.push(...result);
      // A server may return fewer per page than requested, so only an empty page or the total marks the end.
      if (result.length === 0 || found.length >= (info.totalCount ?? Infinity)) return found;
    }
  }

  /** Creates a namespace. `NAMESPACE_NAME_TAKEN` when the account has one of that name. */
  async createNamespace(namespaceName: string): Promise<NamespaceInfo> {
    const { result } = await this.http.call(
      {
        method: "POST",
        path: this.namespacesPath,
        doing: `create namespace '${namespaceName}'`,
        json: { title: namespaceName },
      },
      namespaceInfo,
    );
    return result;
  }

  async renameNamespace(id: string, namespaceName: string): Promise<void> {
    await this.http.call(
      {
        method: "PUT",
        path: `${this.namespacesPath}/${encodeURIComponent(id)}`,
        doing: `rename namespace ${id} to '${namespaceName}'`,
        json: { title: namespaceName },
      },
      nothingMore,
    );
  }

  /** Deletes a namespace and every key in it. `NAMESPACE_BOUND` when Cloudflare knows a Worker that uses it. */
  async deleteNamespace(id: string): Promise<void> {
    try {
      await this.http.call(
        {
          method: "DELETE",
          path: `${this.namespacesPath}/${encodeURIComponent(id)}`,
          doing: `delete namespace ${id}`,
        },
        nothingMore,
      );
    } catch (error) {
      // An attempt whose answer was lost may have deleted it; the caller has looked the namespace up before.
      if (!(error instanceof CloudflareError) || error.code !== "NAMESPACE_NOT_FOUND") throw error;
    }
  }

  /** Names of the account's Workers. Needs a token with 'Workers Scripts: Read'. */
  async listWorkers(): Promise<readonly string[]> {
    const { result } = await this.http.call(
      { method: "GET", path: `accounts/${this.accountId}/workers/scripts`, doing: "list Workers" },
      listOf((worker) => (isObject(worker) && typeof worker["id"] === "string" ? worker["id"] : undefined)),
    );
    return result;
  }

  /** The account's Workers with the time of their last upload. Needs a token with 'Workers Scripts: Read'. */
  async listWorkerUploads(): Promise<readonly WorkerUpload[]> {
    const { result } = await this.http.call(
      { method: "GET", path: `accounts/${this.accountId}/workers/scripts`, doing: "list Workers" },
      listOf(workerUpload),
    );
    return result;
  }

  /** Deletes a Worker, whatever is bound to it. */
  async deleteWorker(name: string): Promise<void> {
    const path = `accounts/${this.accountId}/workers/scripts/${encodeURIComponent(name)}`;
    await this.http.call(
      { method: "DELETE", path, query: { force: "true" }, doing: `delete Worker '${name}'` },
      anything,
    );
  }

  /** Deletes a D1 database with all its rows. */
  async deleteDatabase(id: string): Promise<void> {
    const path = `accounts/${this.accountId}/d1/database/${encodeURIComponent(id)}`;
    await this.http.call({ method: "DELETE", path, doing: `delete database ${id}` }, anything);
  }

  /** The KV bindings of a Worker as it is deployed. Needs a token with 'Workers Scripts: Read'. */
  async kvBindingsOf(workerName: string): Promise<readonly { binding: string; namespaceId: string }[]> {
    const { result } = await this.http.call(
      {
        method: "GET",
        path: `accounts/${this.accountId}/workers/scripts/${encodeURIComponent(workerName)}/settings`,
        doing: `read the settings of Worker '${workerName}'`,
      },
      (settings) => (isObject(settings) ? listOf(kvBinding)(settings["bindings"] ?? []) : undefined),
    );
    return result.filter((binding) => binding !== OTHER_BINDING);
  }

  /** The account's name below workers.dev. Needs a token with 'Workers Scripts: Read'. */
  async workersSubdomain(): Promise<string> {
    const { result } = await this.http.call(
      { method: "GET", path: `accounts/${this.accountId}/workers/subdomain`, doing: "read the workers.dev subdomain" },
      (answer) => (isObject(answer) && typeof answer["subdomain"] === "string" ? answer["subdomain"] : undefined),
    );
    return result;
  }

  /** Whether the token works: `active`, or Cloudflare's word for its status. */
  async tokenStatus(): Promise<string> {
    const verify = async (path: string): Promise<string> => {
      const { result } = await this.http.call({ method: "GET", path, doing: "verify the token" }, (token) =>
        isObject(token) && typeof token["status"] === "string" ? token["status"] : undefined,
      );
      return result;
    };
    try {
      return await verify("user/tokens/verify");
    } catch (error) {
      // A token that belongs to the account is not a user token.
      if (!(error instanceof CloudflareError) || error.code !== "CLOUDFLARE_FORBIDDEN") throw error;
      return verify(`accounts/${this.accountId}/tokens/verify`);
    }
  }

  /**
   * How many keys a namespace had about a day ago, as Cloudflare's analytics estimate it; undefined when it is unknown,
   * for example without the permission 'Account Analytics: Read'.
   */
  async keyCount(namespaceId: string): Promise<number | undefined> {
    const since = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
    const variables = { account: this.accountId, namespace: namespaceId, since };
    return this.http.tryQuery({ query: KEY_COUNT, variables }, readKeyCount);
  }

  private get namespacesPath(): string {
    return `accounts/${this.accountId}/storage/kv/namespaces`;
  }
}

const KEY_COUNT = `query ($account: String!, $namespace: String!, $since: Date!) {
  viewer { accounts(filter: { accountTag: $account }) {
    kvStorageAdaptiveGroups(filter: { namespaceId: $namespace, date_geq: $since }, limit: 1, orderBy: [date_DESC]) {
      max { keyCount }
    }
  } }
}`;

function readKeyCount(data: unknown): number | undefined {
  const first = (value: unknown, ...path: readonly string[]): unknown =>
    path.reduce((at, name) => {
      const field: unknown = isObject(at) ? at[name] : undefined;
      return Array.isArray(field) ? (field as unknown[])[0] : field;
    }, value);
  const keyCount = first(data, "viewer", "accounts", "kvStorageAdaptiveGroups", "max", "keyCount");
  return typeof keyCount === "number" ? keyCount : undefined;
}

function namespaceInfo(namespace: unknown): NamespaceInfo | undefined {
  if (!isObject(namespace)) return undefined;
  const { id, title } = namespace;
  return typeof id === "string" && typeof title === "string" ? { id, namespaceName: title } : undefined;
}

function databaseInfo(database: unknown): DatabaseInfo | undefined {
  if (!isObject(database)) return undefined;
  const { uuid, name } = database;
  return typeof uuid === "string" && typeof name === "string" ? { databaseId: uuid, name } : undefined;
}

/** The answer to a deletion says nothing that is needed. */
function anything(result: unknown): { readonly result: unknown } {
  return { result };
}

function workerUpload(worker: unknown): WorkerUpload | undefined {
  if (!isObject(worker) || typeof worker["id"] !== "string") return undefined;
  const { id: name, modified_on: modified } = worker;
  const modifiedOn = typeof modified === "string" ? Date.parse(modified) : NaN;
  return Number.isNaN(modifiedOn) ? { name } : { name, modifiedOn };
}

const OTHER_BINDING = { binding: "", namespaceId: "" };

function kvBinding(binding: unknown): { binding: string; namespaceId: string } | undefined {
  if (!isObject(binding)) return undefined;
  const { type, name, namespace_id: namespaceId } = binding;
  if (type !== "kv_namespace") return OTHER_BINDING;
  return typeof name === "string" && typeof namespaceId === "string" ? { binding: name, namespaceId } : undefined;
}
