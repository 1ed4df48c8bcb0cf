import type { LockedKind, LockedName, LockedStack } from "./model.js";

/** A namespace, database or Worker as a stack defines it now. */
export interface Defined {
  readonly kind: LockedKind;
  readonly name: string;
  /** The path of its construct in the stack. */
  readonly id: string;
  /** Whether its name may only go when it is listed for leaving. */
  readonly isProtected: boolean;
  /** Whether the lock records it. */
  readonly isRecorded: boolean;
  /** The Terraform address of each of its resources, by the path in the construct. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The name or id that it had before. */
  readonly renamedFrom?: string;
  /** Whether it adopts an existing resource at Cloudflare. */
  readonly isAdopted?: boolean;
  /** The addresses that its resources would have under another id. */
  readonly addressesAt?: (id: string) => Readonly<Record<string, string>>;
}

/** What the author listed for leaving, by name or id. */
export interface Leaving {
  readonly retired: readonly string[];
  readonly deleted: readonly string[];
}

/** A name that is gone without being listed for leaving. */
export interface Gone {
  readonly kind: LockedKind;
  readonly name: string;
  readonly entry: LockedName;
  /** The unambiguous name of it for `retired` and `deleted`. */
  readonly call: string;
  /** The same for `renamedFrom`, which may name the binding that it is written in. */
  readonly formerly: string;
  /** The only definition that can be its new name. */
  readonly successor: Defined | undefined;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** The result of comparing a lock with a stack. */
export interface StackPlan {
  readonly moved: readonly Moved[];
  /** Addresses that Terraform forgets. */
  readonly removed: readonly string[];
  /** Allowed once: names that the next apply deletes. */
  readonly deleted: readonly { readonly kind: LockedKind; readonly name: string }[];
  readonly gone: readonly Gone[];
  readonly problems: readonly string[];
  /** What the lock should hold afterwards. */
  readonly next: LockedStack;
}
