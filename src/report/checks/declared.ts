import { namespaceLabel, type Namespace, type Stack } from "../../assembly/index.js";
import { utf8Length } from "../../kv/rules.js";
import { DAYS_PER_MONTH } from "../estimate/amounts.js";
import { sumOf } from "../estimate/use.js";
import { workloadUse } from "../estimate/workload-use.js";
import { annotationFindings } from "./annotations.js";
import type { Finding, ReportCheckCode, Severity } from "./finding.js";

/** The longest fixed text of a pattern, in bytes, that is not worth a word. */
const LONG_PATTERN = 64;

/** The share of writes from which a workload is not one for KV. */
const WRITE_SHARE = 0.1;

/** Lists a day that the Free plan allows, and that a list instead of an index easily exceeds. */
const LISTS_PER_DAY = 1000;

/** Everything that is known to be wrong with a stack from itself. */
export function checkStack(stack: Stack): Finding[] {
  return [...annotationFindings(stack), ...stack.namespaces.flatMap((namespace) => checkNamespace(namespace, stack))];
}

function checkNamespace(namespace: Namespace, stack: Stack): Finding[] {
  const found: Finding[] = [];
  const report = (severity: Severity, code: ReportCheckCode, message: string, help: string): void => {
    found.push({ severity, code, message, stack: stack.name, namespace: namespaceLabel(namespace), help });
  };
  const name = namespaceLabel(namespace);
  const patterns = Object.keys(namespace.keys);
  if (namespace.managed && stack.protected && patterns.length === 0) {
    const example = `keys: { "session:{token}": "Who is logged in" }`;
    report(
      "advice",
      "KEYS_UNDECLARED",
      `namespace '${name}' declares no patterns of its keys`,
      `declare them: ${example}`,
    );
  }
  for (const pattern of patterns) {
    const bytes = utf8Length(pattern.replaceAll(/\{[^{}]*\}/g, ""));
    if (bytes <= LONG_PATTERN) continue;
    const message = `pattern '${pattern}' of '${name}' repeats ${bytes} bytes in every key`;
    report("advice", "KEY_PATTERN_LONG", message, "shorten it: keys have at most 512 bytes");
  }
  if (namespace.workload !== undefined) {
    const { reads, writes, lists } = sumOf(workloadUse(namespace.workload, namespace.ttlSeconds));
    if (writes > (reads + writes) * WRITE_SHARE) {
      const share = Math.round((writes / (reads + writes)) * 100);
      const message = `${share} % of the declared operations of '${name}' are writes, which cost ten times a read`;
      report("warning", "WRITE_HEAVY", message, "use a Durable Object or D1 for what changes often, or a longer TTL");
    }
    if (lists / DAYS_PER_MONTH > LISTS_PER_DAY) {
      const message = `'${name}' is listed ${Math.round(lists / DAYS_PER_MONTH)} times a day`;
      report("warning", "LIST_HEAVY", message, "keep an index in a key of its own, or metadata in the list");
    }
  }
  return found;
}
