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

/** Reads and writes the cookie. Scripts in the page never see it: it is always HttpOnly. */
export interface SessionCookie {
  /** The token, or null. */
  read(headers: Headers): string | null;
  /** The `Set-Cookie` header that keeps the token for `maxAge` seconds. */
  write(token: string, maxAge: number): string;
  /** The `Set-Cookie` header that removes it. */
  clear(): string;
}

/** Defines the cookie. Throws `INVALID_OPTION` for what browsers would silently drop. */
export function sessionCookie(options: CookieOptions = {}): SessionCookie {
  const { name = "__Host-sid", sameSite = "Lax", secure = true, domain, path = "/", partitioned = false } = options;
  const refuse = (message: string) => {
    throw new KvError("INVALID_OPTION", "setup", message);
  };
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) refuse(`a cookie's name must be a token, got '${name}'`);
  if (/[;\s]/.test(path + (domain ?? ""))) refuse("path and domain must not contain ';' or blanks");
  if (!secure && /^__(Host|Secure)-/.test(name)) refuse(`${name} must be secure: name it otherwise for plain HTTP`);
  if (name.startsWith("__Host-") && (domain !== undefined || path !== "/")) {
    refuse(`${name} must have path '/' and no domain: use the prefix __Secure- otherwise`);
  }
  if (!secure && (sameSite === "None" || partitioned)) refuse("SameSite=None and Partitioned need secure: true");

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
        if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
      }
      return null;
    },
    write: (token, maxAge) => `${name}=${token}; Max-Age=${Math.max(0, Math.floor(maxAge))}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}
