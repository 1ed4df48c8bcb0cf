import type { DayOfUse, AccountUse } from "../usage/usage.js";
import type { Finding } from "../checks/finding.js";

/**
 * Where a figure is from: `declared` in the stacks, `live` from Cloudflare's API, `sampled` by its analytics, `local` from
 * the data of `cfkv dev`, `computed` from other figures of the report.
 */
export type From = "declared" | "live" | "sampled" | "local" | "computed";

/** A figure that may not be known: then it is null, and never a guess. */
export interface Figure<Value> {
  readonly value: Value | null;
  readonly from?: From;
  /** The day or the period that it is of. */
  readonly asOf?: string;
}

/** Everything a report says: the JSON of `cfkv report`. */
export interface Report {
  readonly version: 1;
  /** When Cloudflare, or the local data, was looked at; absent for a report of the stacks alone. */
  readonly time?: string;
  readonly source: "assembly" | "live" | "local";
  readonly stacks: readonly StackReport[];
  readonly differences: readonly EnvironmentDifferences[];
  /** What the accounts use, with `--live`. */
  readonly accounts: readonly AccountUse[];
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
}

export interface StackReport {
  readonly name: string;
  readonly app?: string;
  readonly environment?: string;
  readonly developer?: string;
  readonly protected: boolean;
  readonly workers: readonly WorkerReport[];
  readonly namespaces: readonly NamespaceReport[];
  /** Of the stack and its Workers; those of namespaces are with the namespaces. */
  readonly checks: readonly Finding[];
}

export interface WorkerReport {
  readonly name: string;
  readonly deployment: string;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags: readonly string[];
  readonly urls: readonly string[];
  readonly crons: readonly string[];
  /** Names and kinds, never values. */
  readonly bindings: readonly { readonly name: string; readonly kind: string; readonly target?: string }[];
  readonly dashboard?: string;
}

export interface NamespaceReport {
  readonly name: string;
  readonly purpose?: string;
  readonly stack: string;
  readonly environment?: string;
  readonly managed: boolean;
  readonly overview: Overview;
  readonly keyNaming: KeyNaming;
  readonly bindings: readonly { readonly worker: string; readonly binding: string; readonly stack: string }[];
  readonly ttl: readonly { readonly what: string; readonly seconds: number; readonly from: From }[];
  /** Relative to the folder of the stack. */
  readonly seeds: readonly string[];
  readonly managedEntries: number;
  readonly checks: readonly Finding[];
  readonly checklist: readonly ChecklistEntry[];
  /** Operations day by day, where they were measured. */
  readonly days?: readonly DayOfUse[];
  readonly dashboard?: string;
}

export interface Overview {
  readonly id: Figure<string>;
  readonly environment: Figure<string>;
  readonly ttlSeconds: Figure<number>;
  readonly keys: Figure<number>;
  readonly storageBytes: Figure<number>;
  readonly readsPerDay: Figure<number>;
  /** Percent. KV does not measure it. */
  readonly hitRate: Figure<number>;
  /** Percent of the checklist that is done, of what is known of it. */
  readonly health: Figure<number>;
  readonly status: Figure<"active" | "missing">;
}

export interface KeyNaming {
  /** `suggested` rows are conventions, and nothing that is known about the namespace. */
  readonly source: "declared" | "live" | "local" | "suggested";
  readonly patterns: readonly KeyPatternRow[];
}

export interface KeyPatternRow {
  readonly pattern: string;
  readonly example: string;
  readonly use: string;
  /** How many keys match, where they were listed. */
  readonly keys?: number;
}

export interface ChecklistEntry {
  readonly item: string;
  /** Null when it is not known. */
  readonly done: boolean | null;
  readonly why: string;
}

/** What differs between the environments of an app. */
export interface EnvironmentDifferences {
  readonly app: string;
  readonly environments: readonly string[];
  readonly rows: readonly { readonly what: string; readonly values: readonly string[] }[];
}
