import { Token } from "cdktf";
import type { IConstruct } from "constructs";

/** What has a name of its own in an account, by the prop that gives it. */
type NameField = "namespaceName" | "workerName" | "databaseName";

/** For each app and account, who defined what under a name. */
const apps = new WeakMap<IConstruct, Map<string, Map<string, string>>>();

/** Takes a name for a construct. What is wrong when another of the same app and account has it already. */
export function claimName(
  construct: IConstruct,
  accountId: string,
  field: NameField,
  name: string,
): string | undefined {
  if (Token.isUnresolved(name)) return undefined;
  const names = namesOf(construct, accountId, field);
  const owner = names.get(name);
  if (owner !== undefined) return `${field} must be unique in the account, '${name}' is taken by '${owner}'`;
  names.set(name, construct.node.path);
  return undefined;
}

/** How many namespaces the construct's app defines in an account. */
export function countNamespaces(construct: IConstruct, accountId: string): number {
  return namesOf(construct, accountId, "namespaceName").size;
}

function namesOf(construct: IConstruct, accountId: string, field: NameField): Map<string, string> {
  const { root } = construct.node;
  const accounts = apps.get(root) ?? new Map<string, Map<string, string>>();
  apps.set(root, accounts);
  const place = `${field} ${accountId}`;
  const names = accounts.get(place) ?? new Map<string, string>();
  accounts.set(place, names);
  return names;
}
