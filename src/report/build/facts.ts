import type { Namespace } from "../../assembly/index.js";
import type { AccountUse, DayOfUse } from "../usage/usage.js";
import type { Figure, KeyPatternRow } from "./model.js";

/** What is known about a namespace beyond the stacks. */
export interface NamespaceFacts {
  readonly id?: string;
  readonly accountId?: string;
  /** Whether it exists at Cloudflare; absent where that was not looked up. */
  readonly exists?: boolean;
  readonly keys?: Figure<number>;
  readonly storageBytes?: Figure<number>;
  readonly readsPerDay?: Figure<number>;
  readonly hitRate?: Figure<number>;
  readonly days?: readonly DayOfUse[];
  /** The forms of its keys, where they were listed. */
  readonly patterns?: readonly KeyPatternRow[];
}

/** Where the facts of a report are from, beside the stacks. */
export interface Facts {
  readonly source: "live" | "local";
  readonly time: string;
  readonly accounts: readonly AccountUse[];
  readonly notes: readonly string[];
  readonly of: (namespace: Namespace) => NamespaceFacts;
}
