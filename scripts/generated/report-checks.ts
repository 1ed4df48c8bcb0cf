import { REPORT_CHECKS } from "../../src/report/checks/finding.js";
import { code, table } from "./page.js";

/** The checks that `cfkv check` adds to those of the constructs. */
export function reportCheckTable(): string {
  const rows = Object.entries(REPORT_CHECKS).map(([name, what]) => [code(name), what]);
  return table(["code", "what it means"], rows);
}
