import type { Namespace, Stack } from "../../assembly/index.js";
import type { AccountUsage } from "../../cloudflare/analytics-client.js";
import type { CloudflareClient, NamespaceInfo } from "../../cloudflare/client.js";
import { CloudflareError } from "../../cloudflare/errors.js";
import { isSameName } from "../../kv/names.js";

/** Opens a client for an account; for the environment's own without one. */
export type OpenClient = (accountId?: string) => CloudflareClient;

/** An account as it is now. */
export interface LiveAccount {
  readonly accountId: string;
  readonly client: CloudflareClient;
  /** Every namespace of the account. */
  readonly namespaces: readonly NamespaceInfo[];
  /** Absent when the token does not allow analytics. */
  readonly usage?: AccountUsage;
  /** Why it is absent. */
  readonly usageRefused?: CloudflareError;
}

/** Which namespaces are asked about one by one. */
export interface LiveWish {
  readonly days: number;
  readonly now: Date;
  /** Whether an account's namespaces that no stack declares are shown too. */
  readonly all: boolean;
  /** Whether analytics that the token does not allow are an error, or leave figures unknown. */
  readonly needsUsage: boolean;
}

/**
 * Asks Cloudflare about the accounts of stacks: a request for each hundred namespaces of an account, and one for each
 * thousand days and namespaces of analytics.
 */
export async function readAccounts(
  stacks: readonly Stack[],
  open: OpenClient,
  wish: LiveWish,
): Promise<ReadonlyMap<string, LiveAccount>> {
  const namespaces = stacks.flatMap((stack) => stack.namespaces);
  const wanted = new Set(namespaces.map(({ accountId }) => accountId));
  const clients = new Map(
    [...(wanted.size === 0 ? [undefined] : wanted)].map((accountId) => {
      const client = open(accountId);
      return [client.accountId, client] as const;
    }),
  );
  const accounts = new Map<string, LiveAccount>();
  for (const [accountId, client] of clients) {
    const mine = namespaces.filter((namespace) => (namespace.accountId ?? accountId) === accountId);
    accounts.set(accountId, await readAccount(client, mine, wish));
  }
  return accounts;
}

/** The namespace of an account that a stack means: by its id, or by its name. */
export function liveNamespace({ namespaces }: LiveAccount, namespace: Namespace): NamespaceInfo | undefined {
  const { namespaceId, name } = namespace;
  if (namespaceId !== undefined) return namespaces.find(({ id }) => id === namespaceId);
  if (name === undefined) return undefined;
  return (
    namespaces.find(({ namespaceName }) => namespaceName === name) ??
    namespaces.find(({ namespaceName }) => isSameName(namespaceName, name))
  );
}

/** The account that a namespace belongs to: its own, or the only one that was asked. */
export function accountOf(
  accounts: ReadonlyMap<string, LiveAccount>,
  { accountId }: Pick<Namespace, "accountId">,
): LiveAccount | undefined {
  if (accountId !== undefined) return accounts.get(accountId);
  return accounts.size === 1 ? [...accounts.values()][0] : undefined;
}

async function readAccount(
  client: CloudflareClient,
  declared: readonly Namespace[],
  { days, now, all, needsUsage }: LiveWish,
): Promise<LiveAccount> {
  const namespaces = await client.listNamespaces();
  const account: LiveAccount = { accountId: client.accountId, client, namespaces };
  const own = declared.flatMap((namespace) => liveNamespace(account, namespace)?.id ?? []);
  const ids = all ? namespaces.map(({ id }) => id) : [...new Set(own)];
  try {
    return { ...account, usage: await client.analytics.usage(ids, days, now) };
  } catch (error) {
    const isForbidden = error instanceof CloudflareError && error.code === "CLOUDFLARE_FORBIDDEN";
    if (needsUsage || !isForbidden) throw error;
    return { ...account, usageRefused: error };
  }
}
