import { timeCalls } from "./runtime/cpu.js";
import { simulate } from "./runtime/simulation.js";

/** What the runtime costs: its own time, and what a hot key under load asks of KV and of the source. */
export async function run(): Promise<void> {
  await timeCalls();
  await simulate();
}
