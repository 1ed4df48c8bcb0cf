import { isObject } from "../values/json.js";
import { byText, printable } from "../values/text.js";

/** An output of a stack, after an apply. */
export interface OutputValue {
  readonly value: unknown;
  readonly sensitive: boolean;
}

/** What stands for a value that must not be shown. */
export const SENSITIVE = "<sensitive>";

/** Reads what `output -json` prints, without cdktf's own outputs for other stacks. */
export function readOutputs(json: string): ReadonlyMap<string, OutputValue> {
  const parsed: unknown = JSON.parse(json);
  const entries = isObject(parsed) ? Object.entries(parsed) : [];
  return new Map(
    entries
      .filter(([name]) => !name.startsWith("cross-stack-output-"))
      .sort(([a], [b]) => byText(a, b))
      .flatMap(([name, output]) =>
        isObject(output) ? [[name, { value: output["value"], sensitive: output["sensitive"] === true }] as const] : [],
      ),
  );
}

/** The block that is printed after an apply: `Outputs:`, then a line each. */
export function outputLines(outputs: ReadonlyMap<string, OutputValue>, title = "Outputs:"): string[] {
  if (outputs.size === 0) return [`${title} none`];
  return [
    title,
    ...[...outputs].map(
      ([name, { value, sensitive }]) =>
        `  ${printable(name)}: ${sensitive ? SENSITIVE : printable(JSON.stringify(value))}`,
    ),
  ];
}

/** One value as a script wants it: text as it is, everything else as JSON. */
export function bareValue({ value }: OutputValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Lines for a shell: `export NAMESPACE_ID='…'`. Sensitive outputs are left out. */
export function exportLines(outputs: ReadonlyMap<string, OutputValue>): string[] {
  return [...outputs].flatMap(([name, output]) =>
    output.sensitive ? [] : [`export ${variableName(name)}=${quoted(bareValue(output))}`],
  );
}

/** Outputs for `--json`; a sensitive one has no value. */
export function outputsJson(outputs: ReadonlyMap<string, OutputValue>): Record<string, unknown> {
  return Object.fromEntries(
    [...outputs].map(([name, { value, sensitive }]) => [name, sensitive ? { sensitive } : { value, sensitive }]),
  );
}

function variableName(name: string): string {
  const word = name.toUpperCase().replace(/[^A-Z0-9_]/g, "_");
  return /^[0-9]/.test(word) ? `_${word}` : word;
}

/** For a POSIX shell: nothing inside single quotes has a meaning. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
