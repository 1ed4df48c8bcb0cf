import * as KV_LIMITS from "../kv/limits.js";
import { keyProblem, utf8Length } from "../kv/rules.js";
import { KvError } from "./errors.js";

/** What every key of the library's own begins with. No prefix and no key of a caller's may. */
export const RESERVED = "~cfkv:";

/** Plain ASCII short of every limit, by far the most keys: nothing more to look at. */
const PLAIN = /^(?!~cfkv:)[ -~]{3,512}$/;

/** Returns the key, or throws `INVALID_KEY` or `KEY_TOO_LARGE`. */
export function checkedKey(key: string): string {
  if (PLAIN.test(key)) return key;
  if (key.startsWith(RESERVED)) {
    throw new KvError(
      "INVALID_KEY",
      "setup",
      `key must not begin with ${RESERVED}, which the library keeps for itself`,
    );
  }
  return withinLimits(key);
}

/** A key of the library's own, where no caller's key, prefix or tag can be. */
export function internalKey(kind: string, ...parts: string[]): string {
  return withinLimits(RESERVED + joinKey(kind, ...parts));
}

function withinLimits(key: string): string {
  const problem = keyProblem(key);
  if (problem === undefined) return key;
  throw new KvError(utf8Length(key) > KV_LIMITS.maxKeyBytes ? "KEY_TOO_LARGE" : "INVALID_KEY", "setup", problem);
}

/** One part of a key with its separators escaped. */
export function escapePart(part: string | number, separators = ":"): string {
  return String(part).replace(/[!-/:-@[-`{-~ ]/g, (sign) =>
    sign === "%" || separators.includes(sign) ? `%${sign.charCodeAt(0).toString(16).toUpperCase()}` : sign,
  );
}

/** Joins parts with `:`, so that different parts never give the same key. */
export function joinKey(...parts: [string | number, ...(string | number)[]]): string {
  return parts.map((part) => escapePart(part)).join(":");
}

/** The parts that {@link joinKey} joined. */
export function parseKey(key: string): string[] {
  return key
    .split(":")
    .map((part) => part.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))));
}

/** One argument for each `{name}` of a template. */
export type KeyParameters<Template extends string> = Template extends `${string}{${string}}${infer Rest}`
  ? [string | number, ...KeyParameters<Rest>]
  : [];

/**
 * Makes one function a template, with one argument for each `{name}`. The separators of the template are escaped within
 * arguments, so that different arguments never give the same key.
 *
 * @example
 * const keys = defineKeys({ product: "product:{id}" });
 * keys.product(42); // "product:42"
 */
export function defineKeys<const Templates extends Record<string, string>>(
  templates: Templates,
): { [Name in keyof Templates]: (...parameters: KeyParameters<Templates[Name]>) => string } {
  const build = (template: string) => {
    const texts = template.split(/\{[^}]*\}/);
    const separators = `:${template.includes("/") ? "/" : ""}${texts.slice(1, -1).join("")}`;
    return (...parts: (string | number)[]) =>
      texts
        .map((text, index) => text + (index < texts.length - 1 ? escapePart(parts[index] ?? "", separators) : ""))
        .join("");
  };
  return Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, build(template)])) as never;
}

/** The keys most Workers need. */
export const keys = /* @__PURE__ */ defineKeys({
  user: "user:{id}",
  session: "session:{id}",
  cache: "cache:{resource}:{id}",
  config: "config:{key}",
  flag: "flag:{name}",
  prefs: "prefs:{user}",
  rateLimit: "rl:{endpoint}:{id}",
});

const encoder = /* @__PURE__ */ new TextEncoder();

/** SHA-256 of a string, in 43 characters that are valid in every key, cookie and URL. */
export async function sha256(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}

/** Bytes as base64 for URLs, without padding. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "");
}

const HASHED = /~[\w-]{43}$/;

/** The key itself, or, when KV would refuse its length, its beginning and a hash of the whole. */
export async function boundedKey(key: string, maxBytes: number = KV_LIMITS.maxKeyBytes): Promise<string> {
  // A short key that looks hashed is hashed too: no one can choose a short key that equals another's hashed one.
  if (utf8Length(key) <= maxBytes && !HASHED.test(key)) return key;
  const { read } = encoder.encodeInto(key, new Uint8Array(maxBytes - 44));
  return `${key.slice(0, read)}~${await sha256(key)}`;
}
