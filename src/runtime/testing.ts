export { forgetIsolate } from "./isolate-state.js";
export { type MemoryCounts, MemoryKV, type MemoryKVOptions, type MemoryOperation } from "./memory/memory-kv.js";
