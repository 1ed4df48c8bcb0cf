import { keyPatternProblem } from "../../kv/key-pattern.js";
import { HEX_ID_FORM, isHexId } from "../../kv/ids.js";
import * as KV_LIMITS from "../../kv/limits.js";
import { isBuiltInName, isIdentifier, isSlug, SLUG_FORM, workerKeyProblem } from "../../kv/names.js";
import { codePoints, descriptionProblem, namespaceNameProblem, ttlSecondsProblem } from "../../kv/rules.js";
import { valueTypeProblem } from "../../kv/value-type.js";
import type { Violation } from "../findings/findings.js";
import { quote } from "../findings/quote.js";

/** KV's own rules with a code each: their messages come from `kv/rules`, as in constructs. */

export function namespaceNameRule(name: string): Violation | undefined {
  const message = namespaceNameProblem(name);
  if (message === undefined) return undefined;
  const isTooLong =
    codePoints(name) > KV_LIMITS.maxNamespaceNameLength && name === name.trim() && !/\p{Cc}/u.test(name);
  return isTooLong ? { code: "TOO_LONG", message } : { code: "INVALID_NAME", message };
}

export function ttlSecondsRule(ttlSeconds: number): Violation | undefined {
  const message = ttlSecondsProblem(ttlSeconds);
  if (message === undefined) return undefined;
  return { code: isTooShort(ttlSeconds) ? "TTL_TOO_SHORT" : "TTL_OUT_OF_RANGE", message };
}

export function descriptionRule(description: string): Violation | undefined {
  const message = descriptionProblem(description);
  return message === undefined ? undefined : { code: "TOO_LONG", message };
}

export function keyPatternRule(pattern: string): Violation | undefined {
  const message = keyPatternProblem(pattern);
  return message === undefined ? undefined : { code: "INVALID_VALUE", message };
}

export function accountIdRule(accountId: string, label: string): Violation | undefined {
  if (isHexId(accountId)) return undefined;
  const message = `${label} must be ${HEX_ID_FORM}, got ${quote(accountId)}`;
  return { code: "INVALID_ACCOUNT_ID", message };
}

/** The rule for a resource's name as a part of ids and names: at least one character that is not whitespace. */
export function notBlankRule(name: string, label: string): Violation | undefined {
  if (name.trim() === "") return { code: "INVALID_NAME", message: `${label} must not be empty` };
  if (!/\p{Cc}/u.test(name)) return undefined;
  return { code: "INVALID_NAME", message: `${label} must not contain control characters` };
}

/** What a stack of manifests defines beside them: its provider, its record, its outputs. */
const TAKEN: ReadonlySet<string> = new Set(["cfkv", "cloudflare", "namespace_id", "namespace_ids"]);

function isTaken(name: string): boolean {
  return TAKEN.has(name) || isBuiltInName(name);
}

/** The rule for names that users choose for constructs. */
export function constructNameRule(name: string, label: string): Violation | undefined {
  if (isTaken(name))
    return { code: "INVALID_NAME", message: `${label} must not be '${name}', which every stack has already` };
  return notBlankRule(name, label);
}

/** Makes a name that users did not choose for a construct usable for one. */
export function freeConstructName(name: string): string {
  return isTaken(name) ? `${name}-namespace` : name;
}

/**
 * What cdktf writes in place of values it does not know yet: in a manifest it would stand for somebody else's value.
 */
export function tokenViolation(text: string, label: string): Violation | undefined {
  if (!text.includes("TfToken[")) return undefined;
  return { code: "INVALID_VALUE", message: `${label} must not contain 'TfToken[', which cdktf reserves` };
}

/** The rule for names that become parts of others: `shop` and `edge-store`. */
export function slugRule(name: string, label: string): Violation | undefined {
  if (isSlug(name)) return undefined;
  const message = `${label} must be ${SLUG_FORM}, got ${quote(name)}`;
  return { code: "INVALID_NAME", message };
}

export function bindingRule(binding: string): Violation | undefined {
  if (isIdentifier(binding) && !isTaken(binding)) return undefined;
  return {
    code: "INVALID_BINDING",
    message: `binding must be a JavaScript identifier such as SESSIONS, got ${quote(binding)}`,
  };
}

/** The rule for the type of a namespace's values. */
export function valueTypeRule(value: string): Violation | undefined {
  const message = valueTypeProblem(value);
  return message === undefined ? undefined : { code: "INVALID_VALUE", message };
}

/** The rule for the name of one of a set's `workers`. */
export function workerKeyRule(name: string): Violation | undefined {
  const message = workerKeyProblem(name);
  return message === undefined ? undefined : { code: "INVALID_NAME", message };
}

/** Whether it is a TTL that Planton accepts and KV refuses. */
export function isTooShort(ttlSeconds: number): boolean {
  return ttlSeconds > 0 && ttlSeconds < KV_LIMITS.minExpirationTtl;
}
