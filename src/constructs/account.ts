import { Token } from "cdktf";
import { hexIdProblem } from "../kv/ids.js";

/** The account that props name, or that of the environment variable; empty when there is neither. */
export function accountIdOrDefault(accountId: string | undefined): string {
  return accountId ?? process.env["CLOUDFLARE_ACCOUNT_ID"] ?? "";
}

/** The rule for an account's id, with the way out when there is none. */
export function accountIdProblem(accountId: string): string | undefined {
  if (Token.isUnresolved(accountId)) return undefined;
  if (accountId === "") {
    return "accountId is required: pass it, or set the environment variable CLOUDFLARE_ACCOUNT_ID when synthesizing";
  }
  return hexIdProblem("accountId", accountId);
}
