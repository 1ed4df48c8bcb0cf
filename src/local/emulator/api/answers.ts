import type { Emulation } from "../emulation.js";
import { ok } from "./envelope.js";
import { ApiError, type ApiErrorName } from "./errors.js";
import type { ApiResponse } from "./http.js";

/**
 * Finds the record with these fields.
 *
 * @throws ApiError of that name when there is none
 */
export function find<T extends object>(records: readonly T[], fields: Partial<T>, error: ApiErrorName): T {
  const wanted = Object.entries(fields) as [keyof T, unknown][];
  const found = records.find((record) => wanted.every(([name, value]) => record[name] === value));
  if (found === undefined) throw new ApiError(error);
  return found;
}

export function without<T>(records: readonly T[], removed: T): T[] {
  return records.filter((record) => record !== removed);
}

/** Completes a change that affects no running Worker: saves it, then answers. */
export async function saved({ save }: Emulation, result: unknown): Promise<ApiResponse> {
  await save();
  return ok(result);
}

/** Completes a change that affects running Workers: the next request to a Worker applies it. */
export async function changed(emulation: Emulation, result: unknown): Promise<ApiResponse> {
  emulation.workerd.outdate();
  return saved(emulation, result);
}
