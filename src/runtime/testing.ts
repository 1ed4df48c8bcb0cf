export { type MemoryCounts, MemoryKV, type MemoryKVOptions, type MemoryOperation } from "./memory-kv.js";
