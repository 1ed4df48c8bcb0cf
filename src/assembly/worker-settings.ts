import type { JsonObject } from "../values/json.js";
import { isObject } from "../values/json.js";
import { asFlag, asList, asObject, asText, optional } from "./json.js";
import type { Migration, WorkerSettings } from "./model.js";
import { findReferences } from "./references.js";
import type { Resolver } from "./resolver.js";
import type { StackFile } from "./stack-file.js";

/** Reads what a Worker has beside its code, its bindings and its addresses. */
export function readSettings(stack: StackFile, resolver: Resolver, attributes: JsonObject): WorkerSettings {
  const block = (name: string): JsonObject | undefined => {
    const known = resolver.known(stack, asList(attributes[name])[0]);
    return isObject(known) ? known : undefined;
  };
  const { logpush } = attributes;
  const tails = asList(attributes["tail_consumers"]).map(asObject);
  return {
    ...optional("observability", block("observability")),
    ...optional("limits", block("limits")),
    ...optional("placement", block("placement")),
    ...optional("logpush", logpush === undefined || logpush === null ? undefined : asFlag(logpush)),
    tailConsumers: tails.flatMap((tail) => asText(resolver.known(stack, tail["service"] ?? tail["name"])) ?? []),
    migrations: readMigrations(stack, resolver, attributes["migrations"]),
  };
}

/**
 * The migrations of a script. A hand-written stack has one object; constructs send what Cloudflare has not applied, by
 * an expression that holds the tags and refers to a local value with the steps.
 */
function readMigrations(stack: StackFile, resolver: Resolver, source: unknown): Migration[] {
  if (typeof source !== "string") return asList(source).flatMap((one) => writtenByHand(resolver.known(stack, one)));
  const tags = parseList(/contains\((\["(?:[^"\\]|\\.)*"(?:,"(?:[^"\\]|\\.)*")*\])/.exec(source)?.[1]);
  const local = findReferences(/slice\((local\.[\w-]+)/.exec(source)?.[1] ?? "")[0];
  const steps = asList(resolver.known(stack, local === undefined ? undefined : stack.locals[local.id]));
  return tags.flatMap((tag, at) => {
    const step = steps[at];
    return isObject(step) ? [{ tag: unescaped(tag), steps: given(step) }] : [];
  });
}

function writtenByHand(migration: unknown): Migration[] {
  if (!isObject(migration)) return [];
  const { new_tag: tag, old_tag: _, steps, ...own } = migration;
  const all = steps === undefined ? [own] : asList(steps).map(asObject);
  // Only the newest has a tag of its own: the steps before it are named after it.
  return all.map((step, at) => ({
    tag: at === all.length - 1 ? (asText(tag) ?? "") : `${asText(tag) ?? ""}-${at + 1}`,
    steps: given(step),
  }));
}

function given(step: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(step).filter(([, value]) => value !== null));
}

function parseList(text: string | undefined): string[] {
  const list: unknown = text === undefined ? [] : JSON.parse(text);
  return asList(list).flatMap((item) => (typeof item === "string" ? item : []));
}

/** A string inside an expression, where `${` and `%{` are doubled as in attributes. */
function unescaped(text: string): string {
  return text.replaceAll("$${", "${").replaceAll("%%{", "%{");
}
