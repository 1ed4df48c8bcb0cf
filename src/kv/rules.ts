import * as KV_LIMITS from "./limits.js";

/** Each rule takes a value and returns what is wrong with it, or undefined. */
export type Problem = string | undefined;

const encoder = new TextEncoder();

/** UTF-8 bytes of a string. */
export function utf8Length(text: string): number {
  return encoder.encode(text).byteLength;
}

/** Characters as people count them for KV's limits: code points, so that one emoji is one. */
export function codePoints(text: string): number {
  return Array.from(text).length;
}

/** The rule for a KV key: 1 to 512 UTF-8 bytes, well-formed, neither `.` nor `..`. */
export function keyProblem(key: string): Problem {
  if (key === "") return "key must not be empty";
  if (key === "." || key === "..") return `key must not be '${key}': Cloudflare reads it as a path`;
  if (LONE_SURROGATE.test(key)) return "key must be well-formed Unicode, got a lone surrogate";
  const bytes = utf8Length(key);
  if (bytes > KV_LIMITS.maxKeyBytes) return `key must have at most ${KV_LIMITS.maxKeyBytes} UTF-8 bytes, got ${bytes}`;
  return undefined;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a string could move the cursor of a terminal that shows it, or colour what follows. */
export function hasControlCharacters(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** The rule for a namespace's name: 1 to 64 characters, no whitespace at either end, no control characters. */
export function namespaceNameProblem(name: string): Problem {
  if (name.trim() === "") return "namespaceName must not be empty";
  if (name !== name.trim()) return `namespaceName must not begin or end with whitespace, got '${name}'`;
  if (hasControlCharacters(name)) return "namespaceName must not contain control characters";
  if (LONE_SURROGATE.test(name)) return "namespaceName must be well-formed Unicode, got a lone surrogate";
  const length = codePoints(name);
  if (length > KV_LIMITS.maxNamespaceNameLength) {
    return `namespaceName must have at most ${KV_LIMITS.maxNamespaceNameLength} characters, got ${length}`;
  }
  return undefined;
}

/** The rule for a namespace's TTL: a whole number of seconds, 0 (keys do not expire) or 60 to 2147483647. */
export function ttlSecondsProblem(ttlSeconds: number): Problem {
  const { minExpirationTtl: min, maxExpirationTtl: max } = KV_LIMITS;
  if (!Number.isInteger(ttlSeconds)) return `ttlSeconds must be a whole number of seconds, got ${ttlSeconds}`;
  if (ttlSeconds < 0) return `ttlSeconds must be 0 or at least ${min} seconds, got ${ttlSeconds}`;
  if (ttlSeconds > 0 && ttlSeconds < min) return `ttlSeconds must be 0 or at least ${min} seconds, got ${ttlSeconds}`;
  if (ttlSeconds > max) return `ttlSeconds must be at most ${max} seconds, got ${ttlSeconds}`;
  return undefined;
}

/** The rule for a description: well-formed, at most 256 characters, of control characters only tabs and line ends. */
export function descriptionProblem(description: string): Problem {
  if (hasControlCharacters(description.replace(/[\t\n\r]/g, ""))) {
    return "description must not contain control characters other than tabs and line ends";
  }
  if (LONE_SURROGATE.test(description)) return "description must be well-formed Unicode, got a lone surrogate";
  const length = codePoints(description);
  if (length <= KV_LIMITS.maxDescriptionLength) return undefined;
  return `description must have at most ${KV_LIMITS.maxDescriptionLength} characters, got ${length}`;
}

/** The rule for metadata: any JSON whose text has at most 1024 UTF-8 bytes. `text` is what is sent for it. */
export function metadataProblem(metadata: unknown, text = JSON.stringify(metadata) as string | undefined): Problem {
  if (text === undefined) return "metadata must be a JSON value";
  const bytes = utf8Length(text);
  if (bytes <= KV_LIMITS.maxMetadataBytes) return undefined;
  return `metadata must have at most ${KV_LIMITS.maxMetadataBytes} bytes as JSON, got ${bytes}`;
}

/** The rule for a value: at most 25 MiB. `bytes` counts what is stored, so after base64 is decoded. */
export function valueSizeProblem(bytes: number): Problem {
  if (bytes <= KV_LIMITS.maxValueBytes) return undefined;
  return `value must have at most ${KV_LIMITS.maxValueBytes} bytes (25 MiB), got ${bytes}`;
}
