import { KvError } from "../errors.js";

/** How the cookie that carries a session's token is set. */
export interface CookieOptions {
  /** @default "__Host-sid" */
  name?: string;
  /** @default "Lax" */
  sameSite?: "Lax" | "Strict" | "None";
  /** Sent over HTTPS only; false needs a name without `__Host-` or `__Secure-`. @default true */
  secure?: boolean;
  /** @default - the host that set it */
  domain?: string;
  /** @default "/" */
  path?: string;
  /** @default false */
  partitioned?: boolean;
}

/** Reads and writes the cookie. It is always HttpOnly: scripts in the page cannot read it. */
export interface SessionCookie {
  /** The token, or null. */
  read(headers: Headers): string | null;
  /** The `Set-Cookie` header that keeps the token for `maxAge` seconds. */
  write(token: string, maxAge: number): string;
  /** The `Set-Cookie` header that removes it. */
  clear(): string;
}

const DOMAIN = /^\.?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Defines the cookie. Throws `INVALID_OPTION` for what browsers would silently drop. */
export function sessionCookie(options: CookieOptions = {}): SessionCookie {
  const { name = "__Host-sid", sameSite = "Lax", secure = true, domain, path = "/", partitioned = false } = options;
  const require = (rule: boolean, message: string) => {
    if (!rule) throw new KvError("INVALID_OPTION", "setup", message);
  };
  require(/^[\w!#$%&'*+.^`|~-]+$/.test(name), `a cookie's name must be a token, got '${name}'`);
  require(/^\/[ -:<-~]*$/.test(
    path,
  ), `path must begin with '/' and contain no ';' or control characters, got '${path}'`);
  require(domain === undefined || DOMAIN.test(domain), `domain must be a host name, got '${domain ?? ""}'`);
  require(["Lax", "Strict", "None"].includes(sameSite), `sameSite must be Lax, Strict or None, got '${sameSite}'`);
  // Browsers compare the prefixes without regard to case.
  require(secure || !/^__(?:Host|Secure|Http)-/i.test(name), `${name} must be secure: rename it for plain HTTP`);
  require(!/^__Host-/i.test(name) ||
    (domain === undefined &&
      path === "/"), `${name} must have path '/' and no domain: use the prefix __Secure- for others`);
  require(secure || (sameSite !== "None" && !partitioned), "SameSite=None and Partitioned need secure: true");

  const attributes = [
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    "HttpOnly",
    ...(secure ? ["Secure"] : []),
    `SameSite=${sameSite}`,
    ...(partitioned ? ["Partitioned"] : []),
  ].join("; ");

  return {
    read(headers) {
      for (const pair of headers.get("Cookie")?.split(";") ?? []) {
        const at = pair.indexOf("=");
        if (at > 0 && trim(pair.slice(0, at)) === name) return decode(trim(pair.slice(at + 1)));
      }
      return null;
    },
    write(token, maxAge) {
      require(/^[!-:<-~]*$/.test(token), "a token must be of visible ASCII characters other than ';'");
      require(Number.isFinite(maxAge), `maxAge must be a number of seconds, got ${maxAge}`);
      return `${name}=${token}; Max-Age=${Math.max(0, Math.floor(maxAge))}; ${attributes}`;
    },
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}

/** Without the spaces and tabs around it; other whitespace belongs to the value. */
function trim(text: string): string {
  const isSpace = (at: number) => text[at] === " " || text[at] === "\t";
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(start)) start++;
  while (end > start && isSpace(end - 1)) end--;
  return text.slice(start, end);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
