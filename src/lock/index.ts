export { findLock } from "./find-lock.js";
export { isLockWritable, lockText, readLock, writeLock } from "./lock-file.js";
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
export { type Defined, type Gone, isReserved, type Leaving, planStack, type StackPlan } from "./plan.js";
export { type Deletion, deletionsOf } from "./guard.js";
