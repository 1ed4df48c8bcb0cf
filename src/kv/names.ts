const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What {@link isSlug} accepts, for messages. */
export const SLUG_FORM = "lower-case letters and digits, joined by single '-'";

/** Whether code can read a binding of this name as `env.NAME`. */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name);
}

/** Whether a name can be a part of other names, as `shop` and `edge-store` can. */
export function isSlug(name: string): boolean {
  return SLUG.test(name);
}

/** Whether two names are one to Cloudflare, to which Terraform writes composed characters (NFC). */
export function isSameName(a: string, b: string): boolean {
  return a.normalize("NFC") === b.normalize("NFC");
}

/**
 * Whether every JavaScript object has a member of this name already, as `constructor`: constructs keep their children
 * in a plain object, and such a name would be found there before anything is defined.
 */
export function isBuiltInName(name: string): boolean {
  return name in Object.prototype;
}
