import { namespaceLabel, readAssembly, type Stack } from "../../assembly/index.js";
import { usageDocument } from "../../report/document/usage-document.js";
import { type LiveAccount, liveNamespace, readAccounts } from "../../report/live/account.js";
import { ASCII, UNICODE } from "../../report/render/characters.js";
import { renderText } from "../../report/render/text.js";
import { accountUse, type AccountUse, type KnownNamespace, quotasOver } from "../../report/usage/usage.js";
import { byText } from "../../values/text.js";
import type { Plan } from "../../kv/prices.js";
import type { CommandContext } from "../command.js";
import type { UsageOptions } from "../commands/usage.js";
import { Clients } from "../data/clients.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { stacksNamed } from "./stacks.js";

/** What `cfkv usage --json` prints. */
export interface UsageReport {
  readonly accounts: readonly AccountUse[];
  /** With `--fail-over`: the quotas that are used by more. */
  readonly over?: readonly { readonly accountId: string; readonly quota: string; readonly percent: number }[];
}

/** `cfkv usage`: what Cloudflare measured. */
export async function usageCommand(
  name: string | undefined,
  options: UsageOptions,
  context: CommandContext,
): Promise<void> {
  const days = whole("--days", options.days, 1, 31);
  const limit = options.failOver === undefined ? undefined : percentage("--fail-over", options.failOver);
  const stacks = stacksNamed(readAssembly(readProject(context, options.output).output), name);
  const accounts = await usageOf(stacks, { days, all: options.all === true, plan: options.plan }, context);
  const over =
    limit === undefined
      ? []
      : accounts.flatMap((account) =>
          quotasOver(account, limit).map(({ quota, percent }) => ({ accountId: account.accountId, quota, percent })),
        );
  const report: UsageReport = { accounts, ...(limit === undefined ? {} : { over }) };
  if (options.json === true) context.results.json(report);
  else context.results.write(renderText(usageDocument(accounts), options.ascii === true ? ASCII : UNICODE));
  for (const { quota, percent } of over) {
    context.notes.line(`${context.notes.paint("red", "over")} ${quota}: ${percent.toFixed(1)} % of the quota are used`);
  }
  if (over.length > 0) context.finishWith(1);
}

interface UsageWish {
  readonly days: number;
  readonly all: boolean;
  readonly plan: Plan;
}

/** What the accounts of stacks use. */
export async function usageOf(
  stacks: readonly Stack[],
  { days, all, plan }: UsageWish,
  context: CommandContext,
): Promise<AccountUse[]> {
  const clients = new Clients(context);
  const wish = { days, now: new Date(), all, needsUsage: true };
  const accounts = await readAccounts(stacks, (accountId) => clients.open(accountId), wish);
  return [...accounts.values()].flatMap((account) =>
    account.usage === undefined
      ? []
      : [accountUse(account.accountId, account.usage, knownNamespaces(account, stacks, all), plan)],
  );
}

/** The namespaces of an account that stacks declare, and where wanted the others. */
export function knownNamespaces(account: LiveAccount, stacks: readonly Stack[], all: boolean): KnownNamespace[] {
  const known = new Map<string, KnownNamespace>();
  for (const namespace of stacks.flatMap((stack) => stack.namespaces)) {
    if (namespace.accountId !== undefined && namespace.accountId !== account.accountId) continue;
    const live = liveNamespace(account, namespace);
    const name = live?.namespaceName ?? namespaceLabel(namespace);
    if (live !== undefined && (namespace.managed || !known.has(live.id))) {
      known.set(live.id, { namespaceId: live.id, name, stack: namespace.stack });
    }
  }
  if (all) {
    for (const { id, namespaceName } of account.namespaces) {
      if (!known.has(id)) known.set(id, { namespaceId: id, name: namespaceName });
    }
  }
  return [...known.values()].sort((a, b) => byText(a.name, b.name));
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    `${option} must be a whole number from ${least} to ${most}, got '${text}'`,
    "see: cfkv usage --help",
  );
}

function percentage(option: string, text: string): number {
  const value = Number(text.replace(/\s*%$/, ""));
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`${option} must be a number of percent such as 80, got '${text}'`, "see: cfkv usage --help");
}
