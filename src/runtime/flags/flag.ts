import { bucket } from "./bucket.js";
import { KvError } from "../errors.js";
import { copyOf } from "../merge.js";

/** Whatever JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** A feature flag as it is stored. */
export interface Flag {
  enabled: boolean;
  /** The share of all users who get it, 0 to 100, rounded to two decimals. Raising it only adds users. */
  percentage?: number;
  /** Users who get it whatever the percentage. */
  allowlist?: string[];
  /** Users who do not get it, even when allowed. */
  denylist?: string[];
  metadata?: Record<string, string | number | boolean>;
  /** Values by name, for flags that are more than on or off. */
  variants?: Record<string, JsonValue>;
  /** The variant of those who get the flag. */
  defaultVariant?: string;
  /** Flags with one salt reach the same users. @default - the flag's name */
  salt?: string;
  /** Milliseconds since 1970; set by `FeatureFlags.set`. */
  updatedAt?: number;
}

/** A user: an id, or what OpenFeature calls an evaluation context. */
export type FlagUser = string | { readonly targetingKey?: string };

/** A flag's value for one user, and why, in OpenFeature's words. */
export interface Evaluation<T = boolean> {
  value: T;
  variant?: string;
  reason: "STATIC" | "TARGETING_MATCH" | "SPLIT" | "DISABLED" | "DEFAULT" | "ERROR";
  errorCode?: "FLAG_NOT_FOUND" | "PARSE_ERROR" | "TYPE_MISMATCH" | "GENERAL";
  metadata?: NonNullable<Flag["metadata"]>;
}

/** Evaluates a flag for one user. A partial rollout leaves anonymous users out. */
export function evaluateFlag(name: string, flag: Flag, user: FlagUser | undefined): Evaluation {
  const key = typeof user === "object" ? user.targetingKey : user;
  const { metadata, variants, defaultVariant } = flag;
  const { value, reason } = decide(name, flag, key === "" ? undefined : key);
  const evaluation: Evaluation = { value, reason };
  if (value && variants !== undefined && defaultVariant !== undefined) evaluation.variant = defaultVariant;
  if (metadata !== undefined) evaluation.metadata = copyOf(metadata);
  return evaluation;
}

function decide(name: string, flag: Flag, key: string | undefined): Pick<Evaluation, "value" | "reason"> {
  const { enabled, denylist, allowlist, percentage, salt = name } = flag;
  if (!enabled) return { value: false, reason: "DISABLED" };
  if (key !== undefined && denylist?.includes(key) === true) return { value: false, reason: "TARGETING_MATCH" };
  if (key !== undefined && allowlist?.includes(key) === true) return { value: true, reason: "TARGETING_MATCH" };
  if (percentage === undefined) return { value: true, reason: "STATIC" };
  if (percentage >= 100 || percentage <= 0) return { value: percentage >= 100, reason: "SPLIT" };
  if (key === undefined) return { value: false, reason: "DEFAULT" };
  // 0.07 * 100 is a little more than 7.
  return { value: bucket(salt, key) < Math.round(percentage * 100), reason: "SPLIT" };
}

/** Checks a flag and returns it, with the older `allowedUsers` as its allowlist. Throws `INVALID_VALUE`. */
export function checkedFlag(stored: unknown): Flag {
  if (!isRecord(stored)) throw wrong("a flag must be an object");
  const { allowedUsers, ...rest } = stored;
  const flag = allowedUsers === undefined ? rest : { allowlist: allowedUsers, ...rest };
  const { enabled, percentage, allowlist, denylist, variants, defaultVariant, salt, metadata } = flag;
  if (typeof enabled !== "boolean") throw wrong("enabled must be true or false");
  if (percentage !== undefined && !(typeof percentage === "number" && percentage >= 0 && percentage <= 100)) {
    throw wrong("percentage must be a number from 0 to 100");
  }
  for (const [name, list] of Object.entries({ allowlist, denylist })) {
    if (list !== undefined && !(Array.isArray(list) && list.every((user) => typeof user === "string"))) {
      throw wrong(`${name} must be a list of user ids`);
    }
  }
  if (variants !== undefined && !isRecord(variants)) throw wrong("variants must be an object");
  if (metadata !== undefined && !isRecord(metadata)) throw wrong("metadata must be an object");
  if (salt !== undefined && typeof salt !== "string") throw wrong("salt must be a string");
  if (
    defaultVariant !== undefined &&
    !(typeof defaultVariant === "string" && Object.hasOwn(variants ?? {}, defaultVariant))
  ) {
    throw wrong("defaultVariant must be the name of one of variants");
  }
  return flag as unknown as Flag;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(message: string): KvError {
  return new KvError("INVALID_VALUE", "put", message);
}
