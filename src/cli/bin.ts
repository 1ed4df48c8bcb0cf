#!/usr/bin/env node
import { processChannels } from "./output.js";
import { run } from "./run.js";

/** The first interruption lets the command end in order; a second one ends the process at once. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

process.exitCode = await run(process.argv.slice(2), {
  ...processChannels(),
  input: () => process.stdin,
  cwd: process.cwd(),
  env: process.env,
  interrupted,
});
