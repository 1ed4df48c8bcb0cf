import { InputError } from "../errors.js";
import { isHexId } from "../kv/ids.js";

/** The address of the API and the credentials for it. */
export interface Credentials {
  /** An API token; it goes into the Authorization header and nowhere else. */
  readonly token: string;
  /**
   * The token's name in errors.
   *
   * @default "CLOUDFLARE_API_TOKEN"
   */
  readonly tokenName?: string;
  /** 32 hexadecimal digits. */
  readonly accountId: string;
  /** @default "https://api.cloudflare.com/client/v4" */
  readonly baseUrl?: string;
}

/** The address of Cloudflare's own API. */
export const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";

/** The variable that holds the token. */
export const TOKEN_VARIABLE = "CLOUDFLARE_API_TOKEN";

/**
 * Credentials from `CLOUDFLARE_API_TOKEN`, `CLOUDFLARE_ACCOUNT_ID` and `CLOUDFLARE_BASE_URL`.
 *
 * @param accountId - the account of a stack, which takes precedence over the environment's
 * @param tokenName - another variable that holds the token
 * @throws InputError `CLOUDFLARE_TOKEN_MISSING`, `CLOUDFLARE_ACCOUNT_MISSING` or `CLOUDFLARE_BASE_URL_INVALID`
 */
export function credentialsFrom(
  env: Readonly<Record<string, string | undefined>>,
  accountId?: string,
  tokenName = TOKEN_VARIABLE,
): Credentials {
  const token = env[tokenName]?.trim() ?? "";
  // A header allows nothing else; other characters are a copying mistake and must not reach a message.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new InputError(
      "CLOUDFLARE_TOKEN_MISSING",
      token === "" ? `${tokenName} is not set` : `${tokenName} has characters that no token has`,
      "create a token with 'Workers KV Storage: Edit' at https://dash.cloudflare.com/profile/api-tokens and export it",
    );
  }
  const account = accountId ?? env["CLOUDFLARE_ACCOUNT_ID"]?.trim() ?? "";
  if (!isHexId(account)) {
    throw new InputError(
      "CLOUDFLARE_ACCOUNT_MISSING",
      account === ""
        ? "CLOUDFLARE_ACCOUNT_ID is not set"
        : `CLOUDFLARE_ACCOUNT_ID must be 32 hexadecimal digits, got '${account}'`,
      "copy the account id from the dashboard's address and export it",
    );
  }
  const baseUrl = env["CLOUDFLARE_BASE_URL"]?.trim();
  return {
    token,
    ...(tokenName === TOKEN_VARIABLE ? {} : { tokenName }),
    accountId: account,
    ...(baseUrl ? { baseUrl: checkedUrl(baseUrl) } : {}),
  };
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.username === "" &&
    url.search === "" &&
    url.hash === ""
  ) {
    return text;
  }
  throw new InputError(
    "CLOUDFLARE_BASE_URL_INVALID",
    "CLOUDFLARE_BASE_URL must be an http or https address without credentials or query",
    "the emulator prints its own: http://127.0.0.1:<port>/client/v4",
  );
}
