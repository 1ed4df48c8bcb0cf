#!/usr/bin/env node
import { processChannels } from "./terminal/channel.js";
import { run } from "./run.js";

/**
 * The first interruption lets the command clean up, a second one ends the process at once. Miniflare's own listeners
 * would end it at the first.
 */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const others = process.listeners(signal);
      // Ours first: a signal that arrives without a listener would be lost.
      process.once(signal, () => resolve());
      for (const other of others) process.removeListener(signal, other);
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
