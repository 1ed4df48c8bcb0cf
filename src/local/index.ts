export { Engine, startEngine, type LocalKv, type ScheduledOutcome } from "./engine/engine.js";
export { EngineStore, type StoreKey, type StorePage, type StoredValue } from "./engine/store.js";
export type { StoreEntry } from "./engine/store-entry.js";
export type {
  EngineAssets,
  EngineBinding,
  EngineCode,
  EngineConfig,
  EngineDatabase,
  EngineLog,
  EngineModule,
  EngineNamespace,
  EngineNote,
  EngineOptions,
  EngineRequest,
  EngineVersion,
  EngineWorker,
} from "./engine/types.js";
export { type AppliedMigrations, MigrationError } from "../d1/index.js";
export { testOptions, type TestOptions, type TestOptionsWish } from "./test-options.js";
export { migrate } from "./migrate.js";
export { startEmulator, type Emulator, type EmulatorOptions, type EmulatorRequest } from "./emulator/emulator.js";
export { type Fault, parseFaults } from "./emulator/faults.js";
