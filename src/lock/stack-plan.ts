import type { LockedKind, LockedName, LockedStack } from "./model.js";

/** A namespace, database or Worker as a stack defines it now. */
export interface Defined {
  readonly kind: LockedKind;
  readonly name: string;
  /** The path of its construct in the stack. */
  readonly id: string;
  /** Whether its name may only go when it is named for leaving. */
  readonly isProtected: boolean;
  /** Whether the lock remembers it at all. */
  readonly isRecorded: boolean;
  /** The Terraform address of each of its resources, by the path in the construct. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The name or id that it had before. */
  readonly renamedFrom?: string;
  /** Whether it takes over what is at Cloudflare already. */
  readonly isAdopted?: boolean;
  /** The addresses that its resources would have under another id. */
  readonly addressesAt?: (id: string) => Readonly<Record<string, string>>;
}

/** What the author has named for leaving, by name or id. */
export interface Leaving {
  readonly retired: readonly string[];
  readonly deleted: readonly string[];
}

/** A name that is gone although nobody has named it for leaving. */
export interface Gone {
  readonly kind: LockedKind;
  readonly name: string;
  readonly entry: LockedName;
  /** How `retired` and `deleted` can call it without being mistaken. */
  readonly call: string;
  /** The same for `renamedFrom`, which may name the binding that it is written in. */
  readonly formerly: string;
  /** The only one that can continue it. */
  readonly successor: Defined | undefined;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** What a lock makes of a stack. */
export interface StackPlan {
  readonly moved: readonly Moved[];
  /** Addresses that Terraform forgets. */
  readonly removed: readonly string[];
  /** What goes through once: names that the next apply deletes. */
  readonly deleted: readonly { readonly kind: LockedKind; readonly name: string }[];
  readonly gone: readonly Gone[];
  readonly problems: readonly string[];
  /** What the lock should hold afterwards. */
  readonly next: LockedStack;
}
