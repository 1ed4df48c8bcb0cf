export { findLock } from "./find-lock.js";
export { isLockWritable, lockText, readLock, updateLock, writeLock } from "./lock-file.js";
export {
  type Lock,
  LOCK_FILE,
  type LockedKind,
  LOCKED_KINDS,
  type LockedName,
  type LockedStack,
  NOUN,
  shortId,
} from "./model.js";
export { nameAtCloudflare } from "./names.js";
export { planStack } from "./plan.js";
export { isReserved } from "./reserved.js";
export type { Defined, Gone, Leaving, StackPlan } from "./stack-plan.js";
export { type Deletion, deletionsOf } from "./guard.js";
