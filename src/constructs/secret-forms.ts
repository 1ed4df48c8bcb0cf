import { hasReference, stringsIn } from "./terraform-text.js";

/** Words in the names of secrets. */
const SECRET_NAME =
  /(^|[^a-z])(secrets?|passw(or)?d|passphrase|credentials?|tokens?|(api|private|secret|access|signing|encryption)[-_]?key)(?![a-z])/i;

/** Endings of names that concern a secret without being one: `TOKEN_TTL`, `SECRET_HEADER`. */
const ABOUT =
  /(^|[^a-z])(ttl|seconds|minutes|hours|days|ms|name|header|url|uri|endpoint|path|prefix|length|size|count|limit|max|min|type|issuer|audience|id|enabled|mode|algorithm|version|cookie)$/i;

/** Forms of well-known tokens and keys. */
const VALUES = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(sk|rk)_live_\w{8,}/,
  /\bwhsec_\w{16,}/,
  /\bsk-(ant-|proj-)?[\w-]{20,}/,
  /\bgh[pousr]_\w{20,}/,
  /\bgithub_pat_\w{20,}/,
  /\bglpat-[\w-]{20,}/,
  /\bnpm_\w{30,}/,
  /\bxox[abeoprs]-[\w-]{10,}/,
  /\bA(KIA|SIA)[0-9A-Z]{16}\b/,
  /\bAIza[\w-]{35}/,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
];

/** `scheme://user:password@host`, where the password is not a reference or a placeholder. */
const URL_WITH_PASSWORD = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@${}<>*]+@/i;

/** Whether a value under a name looks like a secret. What is known only after applying is not in the assembly. */
export function looksSecret(name: string, value: unknown): boolean {
  if (hasReference(value)) return false;
  return [...stringsIn(value, name)].some(
    ([member, text]) => text !== "" && (isSecretName(member) || isSecretText(text)),
  );
}

function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  return SECRET_NAME.test(words) && !ABOUT.test(words);
}

/** Whether a string has the form of a well-known token or key, or holds a password in a URL. */
export function isSecretText(text: string): boolean {
  return URL_WITH_PASSWORD.test(text) || VALUES.some((form) => form.test(text));
}
