#!/usr/bin/env node
import { processChannels } from "./output.js";
import { run } from "./run.js";

/**
 * The first interruption lets the command end in order, a second one ends the process at once. Miniflare's own
 * listeners would end it at the first.
 */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.removeAllListeners(signal);
      process.once(signal, () => resolve());
    }
  });
}

process.exitCode = await run(process.argv.slice(2), {
  ...processChannels(),
  input: () => process.stdin,
  cwd: process.cwd(),
  env: process.env,
  interrupted,
});
