import { Token } from "cdktf";
import type { IConstruct } from "constructs";

/** For each app, who defined a namespace of an account under a name. */
const apps = new WeakMap<IConstruct, Map<string, Map<string, string>>>();

/** Takes a name for a construct; returns the path of another of the same app and account that has it already. */
export function claimName(construct: IConstruct, accountId: string, namespaceName: string): string | undefined {
  if (Token.isUnresolved(namespaceName)) return undefined;
  const names = namesOf(construct, accountId);
  const owner = names.get(namespaceName);
  if (owner === undefined) names.set(namespaceName, construct.node.path);
  return owner;
}

/** How many namespaces the construct's app defines in an account. */
export function countNames(construct: IConstruct, accountId: string): number {
  return namesOf(construct, accountId).size;
}

function namesOf(construct: IConstruct, accountId: string): Map<string, string> {
  const { root } = construct.node;
  const accounts = apps.get(root) ?? new Map<string, Map<string, string>>();
  apps.set(root, accounts);
  const names = accounts.get(accountId) ?? new Map<string, string>();
  accounts.set(accountId, names);
  return names;
}
