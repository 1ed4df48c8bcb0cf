import type { CfkvNamespace } from "../assembly/cfkv-record.js";
import { keyPatternProblem } from "../kv/key-pattern.js";
import { descriptionProblem } from "../kv/rules.js";
import { valueTypeProblem } from "../kv/value-type.js";
import { WORKLOAD_PARTS, type WorkloadField, workloadNumberProblem, workloadProblem } from "../kv/workload.js";
import type { ExternalKvNamespaceOptions } from "./kv-namespace-props.js";
import { literal } from "./literal.js";
import { recordedPath } from "./worker-code.js";

/** What people may know about a namespace that decides nothing at Cloudflare. */
type Notes = Pick<ExternalKvNamespaceOptions, "keys" | "value" | "workload">;

/** Every broken rule of the keys, the type of values and the workload of a namespace. */
export function noteProblems({ keys = {}, value, workload = {} }: Notes): (string | undefined)[] {
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
  return [
    ...Object.keys(keys).map(keyPatternProblem),
    ...uses,
    ...numbers,
    workloadProblem(workload),
    valueTypeProblem(value),
  ];
}

/** The same in the record of the stack. */
export function noteRecord({ keys, value, workload }: Notes): Pick<CfkvNamespace, "keys" | "value" | "workload"> {
  const patterns = Object.entries(keys ?? {}).map(([pattern, use]) => [literal(pattern), literal(use)] as const);
  const parts = Object.entries(workload ?? {}).map(([part, fields]) => [part, { ...fields }] as const);
  return {
    ...(patterns.length > 0 && { keys: Object.fromEntries(patterns) }),
    ...(value !== undefined && { value: recordedType(value) }),
    ...(parts.length > 0 && { workload: Object.fromEntries(parts) }),
  };
}

/** A file's path is the same on any machine; a package's name stays as it is. */
function recordedType(value: string): string {
  const [module = "", name = ""] = value.split("#");
  return module.startsWith(".") ? `./${recordedPath(module)}#${name}` : value;
}
