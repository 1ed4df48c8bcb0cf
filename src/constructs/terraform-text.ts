import { Fn, TerraformLocal, Token, Tokenization } from "cdktf";
import type { Construct } from "constructs";
import { hasControlCharacters } from "../kv/rules.js";
import { type JsonValue, plainJson } from "../values/json.js";
import { literal } from "./literal.js";

/**
 * What Terraform would change in a string before writing it: it composes characters
 * (`e` and an accent become `é`), drops a byte order mark at the start and replaces half of a surrogate pair.
 */
export function changedText(text: string): string | undefined {
  if (text.startsWith("\uFEFF")) return "must not start with a byte order mark (U+FEFF), which Terraform drops";
  if (/\p{Surrogate}/u.test(text)) return "must be well-formed Unicode, got a lone surrogate";
  return text === composed(text)
    ? undefined
    : "must be in Unicode's composed form (NFC), into which Terraform would change it";
}

/** A name as Terraform writes it, so that it is compared and looked up in that form. */
export function composed(text: string): string {
  return text.normalize("NFC");
}

/** The rule for names that people read: nothing that moves a terminal's cursor. */
export function controlCharacterProblem(field: string, text: string): string | undefined {
  return hasControlCharacters(text) ? `${field} must not contain control characters` : undefined;
}

/** Whether a value, or anything inside it, is known only after applying. */
export function hasReference(value: unknown): boolean {
  if (Token.isUnresolved(value)) return true;
  if (Array.isArray(value)) return value.some(hasReference);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, member]) => Token.isUnresolved(name) || hasReference(member));
}

/** Every string inside a JSON value, with the names that lead to it; names of members are strings too. */
export function* stringsIn(value: unknown, name = ""): Generator<readonly [name: string, text: string]> {
  if (typeof value === "string") yield [name, value];
  else if (Array.isArray(value)) for (const item of value) yield* stringsIn(item, name);
  else if (typeof value === "object" && value !== null && !Tokenization.isResolvable(value)) {
    for (const [key, member] of Object.entries(value)) {
      yield ["", key];
      yield* stringsIn(member, key);
    }
  }
}

/** What Terraform would change in any string of a JSON value. */
export function changedJson(value: unknown): string | undefined {
  for (const [, text] of stringsIn(value)) {
    const changed = changedText(text);
    if (changed !== undefined) return changed;
  }
  return undefined;
}

/**
 * A JSON value as an attribute's string. If there is a reference inside, Terraform builds the string from a local value
 * when it applies: only Terraform can quote the value of a reference.
 */
export function jsonText(scope: Construct, id: string, value: JsonValue): string {
  if (!hasReference(value)) return literal(plainJson(value));
  if (Token.isUnresolved(value)) return Token.asString(Fn.jsonencode(value));
  return Token.asString(Fn.jsonencode(new TerraformLocal(scope, id, literals(value)).asString));
}

/** The value with every string escaped that Terraform would read as a template. */
function literals(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (Tokenization.isResolvable(value) || Token.isUnresolved(value)) return value;
  if (Array.isArray(value)) return value.map(literals);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [literal(name), literals(member)]));
}
