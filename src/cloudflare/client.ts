import type { Credentials } from "./credentials.js";
import { CloudflareError } from "./errors.js";
import { Http, type HttpOptions } from "./http.js";
import { KvNamespaceClient } from "./kv-namespace-client.js";

/** A namespace of an account. */
export interface NamespaceInfo {
  readonly id: string;
  /** Its title in Cloudflare's API. */
  readonly namespaceName: string;
}

interface NamespaceResult {
  readonly id: string;
  readonly title: string;
}

const NAMESPACES_PER_PAGE = 100;

/**
 * Cloudflare's v4 API from outside: the routes this package uses, for one account.
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

  /** The entries of a namespace. */
  namespace(id: string): KvNamespaceClient {
    return new KvNamespaceClient(this.http, this.namespacesPath, id);
  }

  /** Every namespace of the account, by name. */
  async listNamespaces(): Promise<NamespaceInfo[]> {
    const found: NamespaceInfo[] = [];
    for (let page = 1; ; page++) {
      const { result, result_info: info } = await this.http.call<readonly NamespaceResult[]>({
        method: "GET",
        path: this.namespacesPath,
        doing: "list namespaces",
        query: { page, per_page: NAMESPACES_PER_PAGE, order: "title", direction: "asc" },
      });
      found.push(...result.map(namespaceInfo));
      // A server may give fewer a page than were asked for, so only an empty page or the total tells the end.
      if (result.length === 0 || found.length >= (info?.total_count ?? Infinity)) return found;
    }
  }

  /** Creates a namespace. `NAMESPACE_NAME_TAKEN` when the account has one of that name. */
  async createNamespace(namespaceName: string): Promise<NamespaceInfo> {
    const { result } = await this.http.call<NamespaceResult>({
      method: "POST",
      path: this.namespacesPath,
      doing: `create namespace '${namespaceName}'`,
      json: { title: namespaceName },
    });
    return namespaceInfo(result);
  }

  async renameNamespace(id: string, namespaceName: string): Promise<void> {
    await this.http.call({
      method: "PUT",
      path: `${this.namespacesPath}/${encodeURIComponent(id)}`,
      doing: `rename namespace ${id} to '${namespaceName}'`,
      json: { title: namespaceName },
    });
  }

  /** Deletes a namespace and every key in it. `NAMESPACE_BOUND` when Cloudflare knows a Worker that uses it. */
  async deleteNamespace(id: string): Promise<void> {
    try {
      await this.http.call({
        method: "DELETE",
        path: `${this.namespacesPath}/${encodeURIComponent(id)}`,
        doing: `delete namespace ${id}`,
      });
    } catch (error) {
      // An attempt whose answer was lost may have done it; the caller has looked the namespace up before.
      if (!(error instanceof CloudflareError) || error.code !== "NAMESPACE_NOT_FOUND") throw error;
    }
  }

  /** Names of the account's Workers. */
  async listWorkers(): Promise<string[]> {
    const { result } = await this.http.call<readonly { readonly id: string }[]>({
      method: "GET",
      path: `accounts/${this.accountId}/workers/scripts`,
      doing: "list Workers",
    });
    return result.map(({ id }) => id);
  }

  /** The KV bindings of a Worker as it is deployed. */
  async kvBindingsOf(workerName: string): Promise<{ binding: string; namespaceId: string }[]> {
    const { result } = await this.http.call<{
      readonly bindings?: readonly { readonly type: string; readonly name: string; readonly namespace_id?: string }[];
    }>({
      method: "GET",
      path: `accounts/${this.accountId}/workers/scripts/${encodeURIComponent(workerName)}/settings`,
      doing: `read the settings of Worker '${workerName}'`,
    });
    return (result.bindings ?? []).flatMap(({ type, name, namespace_id: namespaceId }) =>
      type === "kv_namespace" && namespaceId !== undefined ? [{ binding: name, namespaceId }] : [],
    );
  }

  /** Whether the token works: `active`, or Cloudflare's word for what it is instead. */
  async tokenStatus(): Promise<string> {
    const verify = async (path: string) => {
      const { result } = await this.http.call<{ readonly status: string }>({
        method: "GET",
        path,
        doing: "verify the token",
      });
      return result.status;
    };
    try {
      return await verify("user/tokens/verify");
    } catch (error) {
      // A token that belongs to the account is not known as one of a user.
      if (!(error instanceof CloudflareError) || error.code !== "CLOUDFLARE_FORBIDDEN") throw error;
      return verify(`accounts/${this.accountId}/tokens/verify`);
    }
  }

  private get namespacesPath(): string {
    return `accounts/${this.accountId}/storage/kv/namespaces`;
  }
}

function namespaceInfo({ id, title }: NamespaceResult): NamespaceInfo {
  return { id, namespaceName: title };
}
