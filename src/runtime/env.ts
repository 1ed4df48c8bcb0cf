import { missingBinding } from "./checked-kv.js";
import { KvError } from "./errors.js";
import { nameBinding } from "./isolate-state.js";
import type { KvLike } from "./kv-like.js";

/** What a namespace's construct says about it. */
export interface NamespaceDefaults {
  /** Seconds; 0 or nothing: keys do not expire. */
  readonly ttlSeconds?: number;
  readonly description?: string;
}

interface WithDefaults {
  readonly KV_DEFAULTS?: string | Record<string, NamespaceDefaults>;
}

let parsed: { text: string; defaults: Record<string, NamespaceDefaults> } | undefined;

/** The binding and what its construct handed over in `KV_DEFAULTS`. Throws `BINDING_MISSING` with the way out. */
export function bindingOf(env: object, name: string): { kv: KvLike; defaults: NamespaceDefaults } {
  const kv = (env as Record<string, KvLike | undefined>)[name];
  if (typeof kv?.getWithMetadata !== "function") throw missingBinding(name);
  nameBinding(kv, name);
  return { kv, defaults: defaultsOf(env)[name] ?? {} };
}

function defaultsOf(env: object): Record<string, NamespaceDefaults> {
  // A wrapped environment may refuse to be asked for what it does not have.
  const { KV_DEFAULTS: text } = ("KV_DEFAULTS" in env ? env : globalThis) as WithDefaults;
  if (typeof text === "object") return text;
  if (text === undefined) return {};
  if (parsed?.text !== text) {
    try {
      parsed = { text, defaults: JSON.parse(text) as Record<string, NamespaceDefaults> };
    } catch (cause) {
      throw new KvError("INVALID_OPTION", "setup", "KV_DEFAULTS must be JSON: deploy the stack again", { cause });
    }
  }
  return parsed.defaults;
}

/** The namespace's TTL as an option, unless the caller names one or there is none. */
export function withTtl<Options extends { ttl?: unknown }>(
  options: Options | undefined,
  { ttlSeconds = 0 }: NamespaceDefaults,
): Options {
  return (ttlSeconds > 0 ? { ttl: ttlSeconds, ...options } : { ...options }) as Options;
}
