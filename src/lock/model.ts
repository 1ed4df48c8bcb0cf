/** What has a name of its own at Cloudflare and holds keys, rows or traffic. */
export const LOCKED_KINDS = ["namespaces", "databases", "workers"] as const;

export type LockedKind = (typeof LOCKED_KINDS)[number];

/** What the lock remembers of one name. */
export interface LockedName {
  /** The path of its construct in the stack. */
  readonly id: string;
  /** The Terraform address of each resource that belongs to it, by its path in the construct. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Former addresses of the same resources, oldest first: states that have not moved yet still use them. */
  readonly was?: Readonly<Record<string, readonly string[]>>;
  /** False if the author turned protection off: the name may go without being listed as deleted. */
  readonly protected?: false;
}

/** What the lock remembers of one stack. */
export interface LockedStack {
  /** The app of the EnvironmentSet that the stack belongs to. */
  readonly app?: string;
  readonly namespaces?: Readonly<Record<string, LockedName>>;
  readonly databases?: Readonly<Record<string, LockedName>>;
  readonly workers?: Readonly<Record<string, LockedName>>;
  /** Addresses that Terraform forgets without deleting anything, each with the name it stood for. */
  readonly retired?: Readonly<Record<string, string>>;
  /** Former addresses of what the author deleted, each with its name: a state may have missed the deletion. */
  readonly deleted?: Readonly<Record<string, string>>;
}

/** The content of `cfkv.lock.json`. */
export interface Lock {
  readonly version: 1;
  readonly stacks: Readonly<Record<string, LockedStack>>;
}

export const LOCK_FILE = "cfkv.lock.json";

/** What each kind is called in messages. */
export const NOUN: Readonly<Record<LockedKind, string>> = {
  namespaces: "namespace",
  databases: "database",
  workers: "Worker",
};

/** The end of a construct's path that users know: the binding of an EnvironmentSet, or of a D1 database. */
export function shortId(id: string): string {
  return (id.split("/").at(-1) ?? id).replace(/^D1-/, "");
}
