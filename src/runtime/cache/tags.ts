import { minCacheTtl } from "../../kv/limits.js";
import type { CheckedKv } from "../checked-kv.js";
import { isCurrent, remember } from "../isolate-state.js";
import { internalKey } from "../keys.js";

/** When a tag was last invalidated, as known until `until`. */
export interface TagTime {
  at: number;
  until: number;
}

/**
 * Seconds an invalidation is remembered in KV, and the longest that an entry with tags lives: no entry outlives the
 * invalidation that touches it.
 */
export const TAG_LIFE = 365 * 86_400;

/** With the shortest time a location may keep what it read: an invalidation is seen after both. */
const MEMO = 30_000;
const READ = { type: "text", cacheTtl: minCacheTtl } as const;
const MAX_TAGS = 5000;

/** No tag's key: when the latest entry was made that counts as later than its millisecond. */
const LATEST = "";

/** When the tags of a cache were invalidated. */
export class Tags {
  constructor(
    private readonly kv: CheckedKv,
    private readonly now: () => number,
    private readonly memory: Map<string, TagTime>,
  ) {}

  /** The stored key of a tag. Throws `INVALID_KEY` or `KEY_TOO_LARGE` for what cannot be one. */
  key(tag: string): string {
    return internalKey("tag", this.kv.prefix, tag);
  }

  /** When something was made that began then: after the invalidations of its very millisecond that came before it. */
  after(tags: readonly string[], started: number): number {
    const known = Math.max(...tags.map((tag) => this.#known(this.key(tag))));
    if (!(known >= started && known <= started + 2)) return started;
    this.memory.set(LATEST, { at: known + 1, until: 0 });
    return known + 1;
  }

  /**
   * Reads keys into `found`, and in the same bulk reads what this isolate does not know of tags. Returns when each tag
   * was last invalidated, 0 for never.
   */
  async read(
    tags: readonly string[],
    keys: readonly string[] = [],
    found: Awaited<ReturnType<CheckedKv["readMany"]>> = new Map(),
  ): Promise<Map<string, number>> {
    const asked = new Set(this.#unknown(tags));
    await this.kv.readMany([...keys, ...asked], found, asked.size === 0 ? undefined : READ);
    const times = new Map<string, number>();
    for (const tag of tags) {
      const key = this.key(tag);
      // A location may answer with less than this isolate knows already.
      const at = Math.max(this.#known(key), Number(found.get(key)?.value ?? 0) || 0);
      times.set(tag, at);
      if (asked.has(key)) this.#remember(key, at);
    }
    return times;
  }

  /** Records that the tags are invalid from now on: one write each. */
  async invalidate(tags: readonly string[]): Promise<void> {
    const keys = [...new Set(tags.map((tag) => this.key(tag)))];
    const now = this.now();
    // Also ends what was made in this millisecond after another invalidation.
    const at = Math.max(now, this.#known(LATEST));
    for (const key of keys) this.#remember(key, at);
    await Promise.all(keys.map((key) => this.kv.put(key, String(at), { expirationTtl: TAG_LIFE })));
  }

  #known(key: string): number {
    return this.memory.get(key)?.at ?? 0;
  }

  #unknown(tags: readonly string[]): string[] {
    return tags
      .map((tag) => this.key(tag))
      .filter((key) => !isCurrent(this.memory.get(key)?.until ?? 0, this.now(), MEMO));
  }

  #remember(key: string, at: number): void {
    remember(this.memory, key, { at, until: this.now() + MEMO }, MAX_TAGS);
  }
}
