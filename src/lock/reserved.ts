import type { LockedKind, LockedStack } from "./model.js";
import type { Leaving } from "./stack-plan.js";

/**
 * Whether a lock reserves an address for a name other than this one: a state may still hold the other one there, so a
 * new definition needs its own address.
 */
export function isReserved(
  locked: LockedStack,
  address: string,
  kind: LockedKind,
  name: string,
  leaving: Leaving,
): boolean {
  const left = [locked.retired?.[address], locked.deleted?.[address]];
  if (left.some((other) => other !== undefined && other !== name)) return true;
  const goes = [...leaving.retired, ...leaving.deleted];
  return Object.entries(locked[kind] ?? {}).some(([other, { id, addresses, was = {} }]) => {
    if (other === name) return false;
    if (Object.values(was).flat().includes(address)) return true;
    return Object.values(addresses).includes(address) && goes.some((text) => text === other || text === id);
  });
}
