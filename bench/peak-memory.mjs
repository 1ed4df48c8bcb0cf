// Loaded into a measured process with NODE_OPTIONS=--import: notes its peak memory, in KB, when it ends.
import { appendFileSync } from "node:fs";

process.on("exit", () => {
  const file = process.env.BENCH_PEAK_FILE;
  if (file) appendFileSync(file, `${process.resourceUsage().maxRSS}\n`);
});
