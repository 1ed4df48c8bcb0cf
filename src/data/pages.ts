import { CloudflareError } from "../cloudflare/errors.js";
import type { ListedKey } from "../cloudflare/kv-namespace-client.js";
import { compareKeys } from "../kv/key-order.js";
import type { EntriesTarget } from "./target.js";

/** A position in a listing, from which it can be continued. */
export interface ListingPoint {
  /** The cursor of the page; undefined for the first. */
  readonly cursor?: string;
  /** The last key that was read; it and all keys before it are left out. */
  readonly lastKey?: string;
}

/** A page of keys that were not in an earlier page. */
export interface Page {
  readonly keys: readonly ListedKey[];
  /** The position of this page. */
  readonly from: ListingPoint;
  /** The position of the next page; missing after the last. */
  readonly next?: ListingPoint;
}

/** The number of empty pages in a row after which a listing counts as endless. */
const MAX_EMPTY_PAGES = 1000;

/**
 * Every key of a namespace in pages, in the order of their bytes, each once: pages may be empty, may overlap, and a
 * cursor may expire while the values of a page are read. Then the listing starts again and skips what it has already
 * yielded.
 *
 * @throws CloudflareError `CLOUDFLARE_UNREADABLE` when pages are out of order, go in circles, or hold keys without the
 * prefix
 */
export async function* listPages(
  target: Pick<EntriesTarget, "listKeys">,
  { prefix = "", cursor, lastKey }: ListingPoint & { readonly prefix?: string } = {},
): AsyncGenerator<Page, void, undefined> {
  let at: ListingPoint = pointOf(cursor, lastKey);
  const seen = new Set<string>();
  let restartedAfter: ListingPoint["lastKey"] | null = null;
  let emptyPages = 0;
  for (;;) {
    let page;
    try {
      page = await target.listKeys({ prefix, ...(at.cursor === undefined ? {} : { cursor: at.cursor }) });
    } catch (error) {
      // Without a new key since the last time, the cursor's age is not the reason.
      if (at.cursor === undefined || restartedAfter === at.lastKey || !isRefusal(error)) throw error;
      restartedAfter = at.lastKey;
      at = pointOf(undefined, at.lastKey);
      seen.clear();
      continue;
    }
    const keys = after(at.lastKey, checked(page.keys, prefix));
    const next = page.cursor === undefined ? undefined : pointOf(page.cursor, keys.at(-1)?.name ?? at.lastKey);
    emptyPages = page.keys.length === 0 ? emptyPages + 1 : 0;
    if (page.cursor !== undefined && (seen.has(page.cursor) || emptyPages > MAX_EMPTY_PAGES)) {
      throw unreadable("go in circles");
    }
    if (page.cursor !== undefined) seen.add(page.cursor);
    yield { keys, from: at, ...(next === undefined ? {} : { next }) };
    if (next === undefined) return;
    at = next;
  }
}

function pointOf(cursor: string | undefined, lastKey: string | undefined): ListingPoint {
  return { ...(cursor === undefined ? {} : { cursor }), ...(lastKey === undefined ? {} : { lastKey }) };
}

function after(lastKey: string | undefined, keys: readonly ListedKey[]): readonly ListedKey[] {
  if (lastKey === undefined || (keys[0] !== undefined && compareKeys(keys[0].name, lastKey) > 0)) return keys;
  return keys.filter(({ name }) => compareKeys(name, lastKey) > 0);
}

/** The keys of a page, each once. */
function checked(keys: readonly ListedKey[], prefix: string): readonly ListedKey[] {
  let repeated = false;
  for (let at = 0; at < keys.length; at++) {
    const name = keys[at]?.name ?? "";
    if (!name.startsWith(prefix)) throw unreadable("hold keys that do not begin with the prefix");
    const order = at === 0 ? -1 : compareKeys(keys[at - 1]?.name ?? "", name);
    if (order > 0) throw unreadable("are not in the order of the keys");
    repeated ||= order === 0;
  }
  return repeated ? keys.filter(({ name }, at) => keys[at - 1]?.name !== name) : keys;
}

/** Cloudflare refuses an expired cursor like any other wrong parameter. */
function isRefusal(error: unknown): boolean {
  return error instanceof CloudflareError && error.code === "CLOUDFLARE_REFUSED" && error.status === 400;
}

function unreadable(what: string): CloudflareError {
  return new CloudflareError(
    "CLOUDFLARE_UNREADABLE",
    `the pages of a listing ${what}, so the listing is unreliable`,
    "try again; if it persists, check CLOUDFLARE_BASE_URL and any proxy in between",
  );
}
