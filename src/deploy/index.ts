export { type ChangeWords } from "./described.js";
export { Engine, EngineFailed, EngineInterrupted, hasPluginCache, type SavedPlan } from "./engine.js";
export { type EngineProgram, findEngine, traceOf } from "./find-engine.js";
export { deploymentGroups } from "./order.js";
export { bareValue, exportLines, outputLines, outputsJson, type OutputValue } from "./outputs.js";
export { placeText, reportJson, reportMarkdown, type StackReport, reportText, type SeedNote } from "./report.js";
export { expectVariables, needsCredentials } from "./requirements.js";
export { answerOf, type WorkerAnswer } from "./smoke.js";
export { driftWords, wordsOf } from "./words.js";
