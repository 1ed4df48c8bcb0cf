import { Token } from "cdktf";
import type { IConstruct } from "constructs";

/** The kinds of resources whose names are unique in an account, by the prop that names them. */
type NameField = "namespaceName" | "workerName" | "databaseName";

/** For each app and account, the construct that claimed each name. */
const apps = new WeakMap<IConstruct, Map<string, Map<string, string>>>();

/** Claims a name for a construct. Returns the problem if another construct of the same app and account has it. */
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
