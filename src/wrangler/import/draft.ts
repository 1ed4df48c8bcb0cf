import type { WrittenField } from "./written.js";

/** One environment of the set before what all of them share is moved to the set. */
export interface Draft {
  readonly name: string;
  /** Where it comes from, as in `env.staging of wrangler.toml`. */
  readonly source: string;
  /** Whether it was never deployed, so that its comments are no others'. */
  readonly isPreview: boolean;
  readonly accountId: string | undefined;
  /** The fields of each namespace, by binding. */
  readonly namespaces: ReadonlyMap<string, DraftNamespace>;
  /** Nothing when there is no Worker to manage. */
  readonly worker: DraftWorker | undefined;
  /** What did not become a field. */
  readonly comments: readonly string[];
}

export interface DraftNamespace {
  readonly fields: readonly WrittenField[];
  /** Comments above the namespace. */
  readonly comments: readonly string[];
}

export interface DraftWorker {
  /** Fields that no two environments may share: names, addresses and ids. */
  readonly own: readonly WrittenField[];
  /** Fields that may be the same in all environments. */
  readonly shared: readonly WrittenField[];
  /** They are merged by name, so each is shared or not. */
  readonly vars: readonly WrittenField[];
}

/** What needs a decision before the first apply. */
export function decide(text: string): string {
  return `decide: ${text}`;
}

/** What is not carried over, and why. */
export function leftOut(what: string, why: string): string {
  return `left out: ${what}: ${why}`;
}
