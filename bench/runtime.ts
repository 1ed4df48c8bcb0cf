import { timeCalls } from "./runtime/cpu.js";
import { limitAccuracy } from "./runtime/rate-limit.js";
import { rolloutQuality } from "./runtime/rollout.js";
import { simulate } from "./runtime/simulation.js";

/** What the runtime costs: its own time, and what a hot key under load asks of KV and of the source; how it limits. */
export async function run(): Promise<void> {
  await timeCalls();
  await simulate();
  await limitAccuracy();
  rolloutQuality();
}
