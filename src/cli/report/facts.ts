import type { Namespace, Stack } from "../../assembly/index.js";
import type { KvNamespaceClient } from "../../cloudflare/kv-namespace-client.js";
import { DAYS_KEPT } from "../../cloudflare/analytics-client.js";
import type { Plan } from "../../kv/prices.js";
import type { Facts, NamespaceFacts } from "../../report/build/facts.js";
import { declaredPatterns, foundPatterns } from "../../report/build/found-patterns.js";
import type { KeyPatternRow } from "../../report/build/model.js";
import { accountOf, type LiveAccount, liveNamespace, readAccounts } from "../../report/live/account.js";
import { accountUse, type NamespaceUse } from "../../report/usage/usage.js";
import type { CommandContext } from "../command.js";
import { Clients } from "../data/clients.js";
import { knownNamespaces } from "./usage.js";

/** Keys that are listed of a namespace at most, to find their patterns. */
const MOST_KEYS = 10_000;

/** What of the keys a report looks at and shows. */
export interface KeyWish {
  readonly listKeys: boolean;
  readonly showKeys: boolean;
}

/** What Cloudflare knows of stacks. */
export async function liveFacts(
  stacks: readonly Stack[],
  plan: Plan,
  keys: KeyWish,
  context: CommandContext,
): Promise<Facts & { readonly live: ReadonlyMap<string, LiveAccount> }> {
  const clients = new Clients(context);
  const now = new Date();
  const wish = { days: DAYS_KEPT, now, all: false, needsUsage: false };
  const live = await readAccounts(stacks, (accountId) => clients.open(accountId), wish);
  const accounts = [...live.values()].flatMap((account) =>
    account.usage === undefined
      ? []
      : [accountUse(account.accountId, account.usage, knownNamespaces(account, stacks, false), plan)],
  );
  const uses = new Map(accounts.flatMap((account) => account.namespaces.map((use) => [use.namespaceId, use] as const)));
  const patterns = new Map<Namespace, readonly KeyPatternRow[]>();
  if (keys.listKeys) {
    for (const namespace of stacks.flatMap((stack) => stack.namespaces)) {
      const account = accountOf(live, namespace);
      const id = account && liveNamespace(account, namespace)?.id;
      if (account === undefined || id === undefined) continue;
      patterns.set(namespace, patternsOf(namespace, await keysOf(account.client.namespace(id)), keys.showKeys));
    }
  }
  return {
    source: "live",
    time: now.toISOString(),
    accounts,
    live,
    notes: [...live.values()].flatMap(({ accountId, usageRefused }) =>
      usageRefused === undefined
        ? []
        : [`What account ${accountId} uses is not known: ${usageRefused.hint ?? usageRefused.message}.`],
    ),
    of: (namespace) => factsOf(namespace, live, uses, patterns),
  };
}

function factsOf(
  namespace: Namespace,
  live: ReadonlyMap<string, LiveAccount>,
  uses: ReadonlyMap<string, NamespaceUse>,
  patterns: ReadonlyMap<Namespace, readonly KeyPatternRow[]>,
): NamespaceFacts {
  const account = accountOf(live, namespace);
  if (account === undefined) return {};
  const found = liveNamespace(account, namespace);
  if (found === undefined) return { exists: false, accountId: account.accountId };
  const use = uses.get(found.id);
  const rows = patterns.get(namespace);
  return {
    exists: true,
    id: found.id,
    accountId: account.accountId,
    ...(use === undefined ? {} : measured(use)),
    ...(rows === undefined ? {} : { patterns: rows }),
  };
}

function measured({ perDay, storage, days }: NamespaceUse): NamespaceFacts {
  const period = `${days[0]?.date ?? ""} to ${days.at(-1)?.date ?? ""}`;
  return {
    readsPerDay: { value: Math.round(perDay.reads), from: "sampled", asOf: period },
    days,
    ...(storage === undefined
      ? {}
      : {
          keys: { value: storage.keys, from: "sampled", asOf: storage.asOf },
          storageBytes: { value: storage.bytes, from: "sampled", asOf: storage.asOf },
        }),
  };
}

/** The rows of a namespace's keys: by its own patterns where it has some. */
export function patternsOf(namespace: Namespace, keys: readonly string[], showKeys: boolean): KeyPatternRow[] {
  const isDeclared = Object.keys(namespace.keys).length > 0;
  return isDeclared ? declaredPatterns(namespace.keys, keys, showKeys) : foundPatterns(keys, showKeys);
}

/** The first keys of a namespace. */
export async function keysOf(client: Pick<KvNamespaceClient, "listKeys">): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listKeys(cursor === undefined ? {} : { cursor });
    names.push(...page.keys.map(({ name }) => name));
    ({ cursor } = page);
  } while (cursor !== undefined && names.length < MOST_KEYS);
  return names;
}
