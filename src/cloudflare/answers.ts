import { isObject } from "../values/json.js";
import type { CloudflareErrorCode } from "./errors.js";
import { reportedErrors, facts, knownError, permissionHint } from "./errors.js";

/** Reads the `result` of an answer; undefined when it is not what the route returns. */
export type ReadResult<Result> = (result: unknown, envelope?: Readonly<Record<string, unknown>>) => Result | undefined;

/** The page information of a listing's answer. */
export interface PageInfo {
  /** The cursor of the next page; empty or missing on the last. */
  readonly cursor?: string;
  readonly totalCount?: number;
}

/** The result of an answer that was checked. */
export interface Answer<Result> {
  readonly result: Result;
  readonly info: PageInfo;
}

/**
 * An answer with a success status that is not a success: `{}`, a page of a proxy, `"success": false`, counts that do
 * not add up.
 */
export class UnreadableAnswer extends Error {
  constructor(
    /** What the answer was, such as `something other than JSON`. */
    readonly what: string,
    /** The error for one of Cloudflare's own codes, which retrying does not change. */
    readonly known?: { readonly code: CloudflareErrorCode; readonly hint?: string },
  ) {
    super(`an answer that cannot be used: ${what}`);
  }
}

/**
 * Reads what Cloudflare wraps every JSON answer in. A status of 200 proves nothing.
 *
 * @param quiet - leaves Cloudflare's message out, which may quote a value that was sent
 * @throws UnreadableAnswer
 */
export function readAnswer<Result>(text: string, read: ReadResult<Result>, quiet: boolean): Answer<Result> {
  const envelope = parsed(text);
  if (!isObject(envelope)) throw new UnreadableAnswer("something other than a JSON object");
  if (envelope["success"] !== true) {
    const errors = reportedErrors(envelope);
    const numbers = facts(errors, quiet);
    throw new UnreadableAnswer(`no success${numbers === "" ? "" : `: ${numbers}`}`, knownError(errors));
  }
  const result = read(envelope["result"], envelope);
  if (result === undefined) throw new UnreadableAnswer("a result that is not what this request returns");
  return { result, info: pageInfo(envelope["result_info"]) };
}

/** What the token needs for analytics. */
export const ANALYTICS_PERMISSION = "Account Analytics: Read";

/**
 * Reads the answer of the analytics API, whose errors come with status 200.
 *
 * @param read - `invisible` stands for an account that the token cannot see
 * @throws UnreadableAnswer
 */
export function readQueryAnswer<Result>(text: string, read: ReadResult<Result | "invisible">): Result {
  const answer = parsed(text);
  if (!isObject(answer)) throw new UnreadableAnswer("something other than a JSON object");
  const errors = reportedErrors(answer);
  const forbidden = { code: "CLOUDFLARE_FORBIDDEN", hint: permissionHint(ANALYTICS_PERMISSION) } as const;
  if (errors.length > 0) {
    const words = facts(errors, false);
    const isForbidden = /not authori[sz]ed|does not have (access|permission)|authz/i.test(
      JSON.stringify(answer["errors"]),
    );
    throw new UnreadableAnswer(words, isForbidden ? forbidden : { code: "CLOUDFLARE_REFUSED" });
  }
  const result = read(answer["data"]);
  if (result === undefined) throw new UnreadableAnswer("a result that is not what this request returns");
  if (result === "invisible") throw new UnreadableAnswer("the token cannot see the account's analytics", forbidden);
  return result;
}

/** Reads a list if every item can be read. */
export function listOf<Item>(read: ReadResult<Item>): ReadResult<readonly Item[]> {
  return (result) => {
    if (!Array.isArray(result)) return undefined;
    const items: Item[] = [];
    for (const each of result as unknown[]) {
      const item = read(each);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  };
}

/**
 * Reads the result of a request where only success matters: an object, in which nothing is needed, or `null`. It is
 * optional in Cloudflare's schema, unlike the list of errors, by which an answer without it is known to be Cloudflare's.
 */
export const nothingMore: ReadResult<true> = (result, envelope) => {
  const isOmitted = result === undefined && Array.isArray(envelope?.["errors"]);
  return isOmitted || result === null || isObject(result) ? true : undefined;
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function pageInfo(info: unknown): PageInfo {
  if (!isObject(info)) return {};
  const { cursor, total_count: totalCount } = info;
  return {
    ...(typeof cursor === "string" && cursor !== "" ? { cursor } : {}),
    ...(typeof totalCount === "number" ? { totalCount } : {}),
  };
}
