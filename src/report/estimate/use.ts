import type { Operations } from "../../kv/prices.js";
import { OPERATIONS } from "../../kv/prices.js";

/** What is used in a month. */
export interface MonthlyUse extends Operations {
  /** Bytes stored, on average. */
  readonly storageBytes: number;
}

export const NOTHING: MonthlyUse = { reads: 0, writes: 0, deletes: 0, lists: 0, storageBytes: 0 };

/** A record with a value for each kind of operation. */
export function perOperation<T>(value: (operation: keyof Operations) => T): Record<keyof Operations, T> {
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, value(operation)])) as Record<
    keyof Operations,
    T
  >;
}

/** Uses added up. */
export function sumOf(uses: readonly MonthlyUse[]): MonthlyUse {
  const total = (field: keyof MonthlyUse): number => uses.reduce((sum, use) => sum + use[field], 0);
  return { ...perOperation(total), storageBytes: total("storageBytes") };
}
