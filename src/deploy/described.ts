import type { Action } from "./plan.js";

/** Groups of a plan in words, in the order in which they are shown. */
export const SUBJECTS = ["namespaces", "entries", "workers", "databases", "others", "outputs"] as const;

export type Subject = (typeof SUBJECTS)[number];

/** One change, as a person would say it. */
export interface ChangeWords {
  readonly subject: Subject;
  readonly action: Action;
  readonly address: string;
  /** What it is called at Cloudflare. */
  readonly name: string;
  /** `namespace 'shop-cache-prod'; …`, without the verb. */
  readonly text: string;
  /** What else to know about it, a line each. */
  readonly details: readonly string[];
  /** The namespace's id, where keys are lost with it. */
  readonly losesKeysOf?: string;
}

/** What a kind of resource says about its change. */
export type Described = Omit<ChangeWords, "action" | "address">;
