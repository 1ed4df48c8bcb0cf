import { namespaceLabel, type Namespace, type Stack, type Worker } from "../../assembly/index.js";
import { CloudflareError } from "../../cloudflare/errors.js";
import type { ListedKey } from "../../cloudflare/kv-namespace-client.js";
import { keyPattern } from "../../kv/key-pattern.js";
import * as KV_LIMITS from "../../kv/limits.js";
import { QUOTA_WARNING_PERCENT } from "../../kv/prices.js";
import { count } from "../../values/text.js";
import { accountOf, type LiveAccount, liveNamespace } from "../live/account.js";
import { accountUse, quotasOver } from "../usage/usage.js";
import type { Finding, ReportCheckCode, Severity } from "./finding.js";

/** Keys of a namespace that are looked at. */
export const MOST_KEYS = 10_000;

/** Bytes of an average value from which single ones are near KV's limit. */
const LARGE_VALUES = 20 * 1024 * 1024;

const EXPIRING = /(^|[^a-z])(cache|sessions?)([^a-z]|$)/i;

/** What is asked for beside the accounts. */
export interface LiveChecks {
  /** Every stack of the assembly: what another stack declares is no stray. */
  readonly all: readonly Stack[];
  /** Ids of namespaces by stack and logical id, from state files on this machine. */
  readonly stateIds: (namespace: Namespace) => string | undefined;
  readonly showKeys: boolean;
}

/** Compares stacks with what Cloudflare has. */
export async function checkLive(
  stacks: readonly Stack[],
  accounts: ReadonlyMap<string, LiveAccount>,
  options: LiveChecks,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const stack of stacks) {
    for (const namespace of stack.namespaces) {
      findings.push(...(await checkNamespace(namespace, stack, accounts, options)));
    }
    for (const worker of stack.workers) findings.push(...(await checkWorker(worker, stack, accounts)));
  }
  for (const account of accounts.values()) findings.push(...checkAccount(account, stacks, options));
  return findings;
}

async function checkNamespace(
  namespace: Namespace,
  stack: Stack,
  accounts: ReadonlyMap<string, LiveAccount>,
  { stateIds, showKeys }: LiveChecks,
): Promise<Finding[]> {
  const account = accountOf(accounts, namespace);
  if (account === undefined) return [];
  const name = namespaceLabel(namespace);
  const about = { stack: stack.name, namespace: name };
  const known = stateIds(namespace) ?? namespace.namespaceId;
  const byId = known === undefined ? undefined : account.namespaces.find(({ id }) => id === known);
  const found = byId ?? liveNamespace(account, namespace);
  if (found === undefined) {
    const help = namespace.managed ? `deploy it: cdktf deploy ${stack.name}` : "correct the id or the name";
    return [
      finding(
        "warning",
        "LIVE_MISSING",
        `namespace '${name}' does not exist in account ${account.accountId}`,
        about,
        help,
      ),
    ];
  }
  const findings: Finding[] = [];
  if (namespace.name !== undefined && found.namespaceName.normalize("NFC") !== namespace.name.normalize("NFC")) {
    const message = `namespace ${found.id} is named '${found.namespaceName}' at Cloudflare, '${namespace.name}' in the stack`;
    findings.push(
      finding("warning", "LIVE_TITLE", message, about, "apply the stack, or rename it in the source: renamedFrom"),
    );
  }
  const keys = await listed(account, found.id);
  findings.push(...checkKeys(namespace, keys, about, showKeys));
  const stored = account.usage?.storage.filter(({ namespaceId }) => namespaceId === found.id).at(0);
  if (stored !== undefined && stored.keyCount > 0 && stored.byteCount / stored.keyCount > LARGE_VALUES) {
    const average = Math.round(stored.byteCount / stored.keyCount / 1024 / 1024);
    const message = `the values of '${name}' are ${average} MiB on average; KV takes 25 MiB`;
    findings.push(
      finding("warning", "LIVE_LARGE_VALUES", message, about, "store large values in R2, and their keys here"),
    );
  }
  return findings;
}

type About = Pick<Finding, "stack" | "namespace" | "worker">;

function checkKeys(
  { keys: patterns, ttlSeconds, name = "", binding = "" }: Namespace,
  keys: readonly ListedKey[],
  about: About,
  showKeys: boolean,
): Finding[] {
  const findings: Finding[] = [];
  const shown = (some: readonly ListedKey[]): string =>
    showKeys ? `, such as '${some[0]?.name ?? ""}'` : "; --show-keys shows one";
  const partly = keys.length >= MOST_KEYS ? ` of the first ${MOST_KEYS}` : "";
  const eternal = keys.filter(({ expiration }) => expiration === undefined);
  if (eternal.length > 0 && (ttlSeconds > 0 || EXPIRING.test(name) || EXPIRING.test(binding))) {
    const message = `${count(eternal.length, "key")}${partly} of '${name}' without an expiration${shown(eternal)}`;
    const help = "write them through the runtime library, which applies ttlSeconds, or with an expirationTtl";
    findings.push(finding("warning", "LIVE_NO_EXPIRY", message, about, help));
  }
  const declared = Object.keys(patterns).map(keyPattern);
  const strangers =
    declared.length === 0 ? [] : keys.filter((key) => !declared.some(({ matches }) => matches(key.name)));
  if (strangers.length > 0) {
    const message = `${count(strangers.length, "key")}${partly} of '${name}' outside its declared patterns${shown(strangers)}`;
    findings.push(
      finding("warning", "LIVE_KEY_PATTERN", message, about, "declare their pattern in keys, or delete them"),
    );
  }
  return findings;
}

async function listed({ client }: LiveAccount, id: string): Promise<ListedKey[]> {
  const keys: ListedKey[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.namespace(id).listKeys(cursor === undefined ? {} : { cursor });
    keys.push(...page.keys);
    ({ cursor } = page);
  } while (cursor !== undefined && keys.length < MOST_KEYS);
  return keys;
}

async function checkWorker(
  worker: Worker,
  stack: Stack,
  accounts: ReadonlyMap<string, LiveAccount>,
): Promise<Finding[]> {
  const account = accountOf(accounts, worker);
  if (account === undefined) return [];
  const about = { stack: stack.name, worker: worker.name };
  let live: readonly { readonly binding: string; readonly namespaceId: string }[];
  try {
    live = await account.client.kvBindingsOf(worker.name);
  } catch (error) {
    if (!(error instanceof CloudflareError)) throw error;
    if (error.status === 404) {
      const message = `Worker '${worker.name}' does not exist in account ${account.accountId}`;
      return [finding("warning", "LIVE_WORKER_MISSING", message, about, `deploy it: cdktf deploy ${stack.name}`)];
    }
    if (error.code !== "CLOUDFLARE_FORBIDDEN") throw error;
    const message = `the bindings of Worker '${worker.name}' were not compared: ${error.message}`;
    return [finding("advice", "LIVE_NOT_CHECKED", message, about, "allow the token 'Workers Scripts: Read'")];
  }
  const declared = new Map<string, string | undefined>();
  for (const binding of worker.versions.flatMap((version) => version.bindings)) {
    if (binding.kind === "kv_namespace") declared.set(binding.name, liveNamespace(account, binding.namespace)?.id);
  }
  const deployed = new Map(live.map(({ binding, namespaceId }) => [binding, namespaceId]));
  const differences = [...new Set([...declared.keys(), ...deployed.keys()])].flatMap((name) => {
    if (!deployed.has(name)) return [`'${name}' is declared and not deployed`];
    if (!declared.has(name)) return [`'${name}' is deployed and not declared`];
    const id = declared.get(name);
    return id === undefined || id === deployed.get(name) ? [] : [`'${name}' leads to another namespace`];
  });
  return differences.map((difference) =>
    finding(
      "warning",
      "LIVE_BINDING",
      `KV binding ${difference} (Worker '${worker.name}')`,
      about,
      "apply the stack again",
    ),
  );
}

function checkAccount(account: LiveAccount, stacks: readonly Stack[], { all }: LiveChecks): Finding[] {
  const { accountId, namespaces, usage, usageRefused } = account;
  const about = { stack: stacks[0]?.name ?? "" };
  const declared = new Set(
    all.flatMap((stack) => stack.namespaces.flatMap((namespace) => liveNamespace(account, namespace)?.id ?? [])),
  );
  const strays = namespaces.filter(({ id }) => !declared.has(id));
  const findings = strays.map(({ id, namespaceName }) =>
    finding(
      "advice",
      "LIVE_UNDECLARED",
      `namespace '${namespaceName}' (${id}) of account ${accountId} is declared in no stack`,
      about,
      `adopt it: new KvNamespace(…, { namespaceName: "${namespaceName}", adopt: "${id}" })`,
    ),
  );
  const share = (namespaces.length / KV_LIMITS.maxNamespaces) * 100;
  if (share > QUOTA_WARNING_PERCENT) {
    const message = `account ${accountId} has ${namespaces.length} of at most ${KV_LIMITS.maxNamespaces} namespaces`;
    findings.push(
      finding("warning", "LIVE_TOO_MANY", message, about, "delete what is not used, or share namespaces by prefixes"),
    );
  }
  if (usage !== undefined) {
    for (const { quota, percent, day } of quotasOver(accountUse(accountId, usage, [], "free"), QUOTA_WARNING_PERCENT)) {
      const when = day === undefined ? "" : ` on ${day}`;
      const message = `${Math.round(percent)} % of the Free plan's quota of ${quota} were used${when} in account ${accountId}`;
      findings.push(finding("warning", "LIVE_QUOTA", message, about, "see cfkv usage; Workers Paid includes more"));
    }
  } else if (usageRefused !== undefined) {
    const message = `quotas of account ${accountId} were not checked: ${usageRefused.message}`;
    findings.push(finding("advice", "LIVE_NOT_CHECKED", message, about, usageRefused.hint ?? ""));
  }
  return findings;
}

function finding(severity: Severity, code: ReportCheckCode, message: string, about: About, help: string): Finding {
  return { severity, code, message, ...about, help };
}
