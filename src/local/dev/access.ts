import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Names by which this machine reaches itself. */
const OWN_NAME = /^(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9_-]+\.localhost)(:\d+)?$/i;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])(:\d+)?$/i;

/** The cookie or parameter with the token of a server that other machines can reach. */
export const TOKEN_HEADER = "cfkv-token";

/**
 * Why a request may not use the tool's own pages and calls; undefined when it may. A page of another site is refused,
 * whatever name it uses for this machine.
 *
 * @param token - required if the port is open to other machines
 */
export function controlRefusal({ headers, url }: IncomingMessage, token: string | undefined): string | undefined {
  const { host = "", origin } = headers;
  const isOwnName = OWN_NAME.test(host) || (token !== undefined && ADDRESS.test(host));
  if (!isOwnName) return `the host '${host}' may not use this: open it as localhost`;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return `pages of '${origin}' may not use this`;
  }
  const site = headers["sec-fetch-site"] ?? "none";
  if (site !== "none" && site !== "same-origin") return "pages of other sites may not use this";
  if (token === undefined) return undefined;
  const shown = headers[TOKEN_HEADER] ?? new URL(url ?? "/", "http://localhost").searchParams.get("token") ?? "";
  return isSame(String(shown), token) ? undefined : "open the address that cfkv dev printed, with its token";
}

/** Whether only this machine can reach an address. */
export function isLoopback(ip: string): boolean {
  return ip === "localhost" || ip === "::1" || /^127\./.test(ip);
}

function isSame(shown: string, secret: string): boolean {
  const [a, b] = [Buffer.from(shown), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}
