import type { CfkvNamespace } from "../assembly/cfkv-record.js";
import { keyPatternProblem } from "../kv/key-pattern.js";
import { descriptionProblem } from "../kv/rules.js";
import { WORKLOAD_PARTS, type WorkloadField, workloadNumberProblem, workloadProblem } from "../kv/workload.js";
import type { ExternalKvNamespaceOptions } from "./kv-namespace-props.js";
import { literal } from "./literal.js";

/** What people may know about a namespace that decides nothing at Cloudflare. */
type Notes = Pick<ExternalKvNamespaceOptions, "keys" | "workload">;

/** Every broken rule of the keys and the workload of a namespace. */
export function noteProblems({ keys = {}, workload = {} }: Notes): (string | undefined)[] {
  const numbers = Object.entries(workload).flatMap(([part, fields]) => {
    const known: Readonly<Record<string, WorkloadField>> = WORKLOAD_PARTS[part as keyof typeof WORKLOAD_PARTS];
    return Object.entries(fields as Readonly<Record<string, number | undefined>>).map(([name, value]) => {
      const field = known[name];
      return field === undefined || value === undefined
        ? undefined
        : workloadNumberProblem(`workload.${part}.${name}`, value, field);
    });
  });
  const uses = Object.entries(keys).map(([pattern, use]) => {
    const problem = descriptionProblem(use);
    return problem === undefined ? undefined : `keys '${pattern}': ${problem}`;
  });
  return [...Object.keys(keys).map(keyPatternProblem), ...uses, ...numbers, workloadProblem(workload)];
}

/** The same in the record of the stack. */
export function noteRecord({ keys, workload }: Notes): Pick<CfkvNamespace, "keys" | "workload"> {
  const patterns = Object.entries(keys ?? {}).map(([pattern, use]) => [literal(pattern), literal(use)] as const);
  const parts = Object.entries(workload ?? {}).map(([part, fields]) => [part, { ...fields }] as const);
  return {
    ...(patterns.length > 0 && { keys: Object.fromEntries(patterns) }),
    ...(parts.length > 0 && { workload: Object.fromEntries(parts) }),
  };
}
