import { CodedError } from "../../errors.js";
import { count } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import { Clients } from "../data/clients.js";

/** How many keys a namespace holds now. */
export interface KeyCount {
  /** Undefined when it could not be counted. */
  readonly keys: number | undefined;
  /** `12 keys`, `more than 100000 keys`, or why it is not known. */
  readonly text: string;
}

/** Counting more takes a request for every thousand, and changes no decision. */
const MOST = 100_000;

/** Counts the keys of a namespace at Cloudflare. */
export async function countKeys(id: string, account: string | undefined, context: CommandContext): Promise<KeyCount> {
  try {
    const namespace = new Clients(context).open(account).namespace(id);
    let keys = 0;
    let cursor: string | undefined;
    do {
      const page = await namespace.listKeys(cursor === undefined ? {} : { cursor });
      keys += page.keys.length;
      cursor = page.cursor;
    } while (cursor !== undefined && keys < MOST);
    return { keys, text: cursor === undefined ? count(keys, "key") : `more than ${MOST} keys` };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (error.code === "NAMESPACE_NOT_FOUND") return { keys: 0, text: "it is no longer there" };
    return { keys: undefined, text: `keys not counted: ${error.code}` };
  }
}
