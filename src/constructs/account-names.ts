import { Token } from "cdktf";
import type { IConstruct } from "constructs";

/** What has a name of its own in an account. */
export type NamedKind = "namespace" | "worker";

/** For each app and account, who defined what under a name. */
const apps = new WeakMap<IConstruct, Map<string, Map<string, string>>>();

/** Takes a name for a construct; returns the path of another of the same app and account that has it already. */
export function claimName(construct: IConstruct, accountId: string, kind: NamedKind, name: string): string | undefined {
  if (Token.isUnresolved(name)) return undefined;
  const names = namesOf(construct, accountId, kind);
  const owner = names.get(name);
  if (owner === undefined) names.set(name, construct.node.path);
  return owner;
}

/** How many namespaces the construct's app defines in an account. */
export function countNamespaces(construct: IConstruct, accountId: string): number {
  return namesOf(construct, accountId, "namespace").size;
}

function namesOf(construct: IConstruct, accountId: string, kind: NamedKind): Map<string, string> {
  const { root } = construct.node;
  const accounts = apps.get(root) ?? new Map<string, Map<string, string>>();
  apps.set(root, accounts);
  const place = `${kind} ${accountId}`;
  const names = accounts.get(place) ?? new Map<string, string>();
  accounts.set(place, names);
  return names;
}
