/**
 * Adds up what jest wrote with `--json`, one file a suite, and ends with `N passed, N failed`. A suite that left no
 * file, a test file that did not run and a skipped test are failures: what was not tested is not green.
 */
import { existsSync, readFileSync } from "node:fs";

interface JestResults {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  const results = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as JestResults) : undefined;
  const broken = results === undefined ? 1 : failures(results);
  passed += results?.numPassedTests ?? 0;
  failed += broken;
  // An obsolete snapshot, a failed setup: jest fails without a failed test.
  if (broken === 0 && results?.success !== true) failed++;
}
if (passed === 0) failed++;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (failed > 0) process.exitCode = 1;

function failures(results: JestResults): number {
  const { numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = results;
  return numFailedTests + numPendingTests + numTodoTests + numRuntimeErrorTestSuites;
}
