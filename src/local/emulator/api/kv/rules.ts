import * as KV_LIMITS from "../../../../kv/limits.js";
import { keyProblem, metadataProblem, utf8Length, valueSizeProblem } from "../../../../kv/rules.js";
import { ApiError } from "../errors.js";

/** Refuses keys that KV refuses. */
export function checkKey(key: string): void {
  const bytes = utf8Length(key);
  if (bytes > KV_LIMITS.maxKeyBytes) {
    throw new ApiError(
      "KEY_TOO_LONG",
      `UTF-8 encoded length of ${bytes} exceeds key length limit of ${KV_LIMITS.maxKeyBytes}.`,
    );
  }
  const problem = keyProblem(key);
  if (problem !== undefined) throw new ApiError("KEY_INVALID", problem);
}

export function checkValueSize(bytes: number): void {
  if (valueSizeProblem(bytes) === undefined) return;
  throw new ApiError("VALUE_TOO_LARGE", `Value length of ${bytes} exceeds limit of ${KV_LIMITS.maxValueBytes}.`);
}

export function checkMetadata(metadata: unknown): void {
  const problem = metadataProblem(metadata);
  if (problem !== undefined) throw new ApiError("METADATA_TOO_LARGE", problem);
}

export interface Expiry {
  readonly expiration?: number;
  readonly expirationTtl?: number;
}

/** When an entry expires, from the API's parameters. A TTL takes precedence over a time; neither means never. */
export function expiry(expiration: unknown, ttl: unknown, now: Date): Expiry {
  const soonest = KV_LIMITS.minExpirationTtl;
  if (ttl != null && ttl !== "") {
    const expirationTtl = wholeNumber("expiration_ttl", ttl);
    if (expirationTtl >= soonest && expirationTtl <= KV_LIMITS.maxExpirationTtl) return { expirationTtl };
    throw new ApiError(
      "EXPIRATION_INVALID",
      `Invalid expiration_ttl of ${expirationTtl}. Expiration TTL must be at least ${soonest}.`,
    );
  }
  if (expiration == null || expiration === "") return {};
  const at = wholeNumber("expiration", expiration);
  if (at >= Math.floor(now.getTime() / 1000) + soonest) return { expiration: at };
  throw new ApiError(
    "EXPIRATION_INVALID",
    `Invalid expiration of ${at}. Expiration times must be at least ${soonest} seconds in the future.`,
  );
}

function wholeNumber(name: string, value: unknown): number {
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : NaN;
  if (Number.isInteger(number)) return number;
  throw new ApiError("EXPIRATION_INVALID", `Invalid ${name}: it must be a whole number of seconds.`);
}
