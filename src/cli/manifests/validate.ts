import { type ManifestSet, readManifests } from "../../manifest/index.js";
import type { CommandContext } from "../command.js";
import type { ValidateOptions } from "../commands/validate.js";
import { readOptions } from "./options.js";

/** `cfkv validate`: every problem of every document, with its position. Nothing is written. */
export async function validateCommand(
  paths: readonly string[],
  options: ValidateOptions,
  context: CommandContext,
): Promise<void> {
  const { results } = context;
  const set = readManifests(paths, await readOptions(paths, options, context));
  if (hasConstructs(set)) {
    const { rehearse } = await import("../../synth/index.js");
    rehearse(set);
  }
  if (options.json === true) results.json({ valid: set.isValid(), problems: set.problems });
  else {
    const problems = set.render((style, text) => results.paint(style, text));
    results.line([...(problems === "" ? [] : [problems, ""]), summary(set)].join("\n"));
  }
  context.finishWith(set.isValid() ? 0 : 1);
}

/** Whether any document needs the checks of constructs, which take half a second to load. */
function hasConstructs({ units }: ManifestSet): boolean {
  return units.some(({ manifests }) =>
    manifests.some(({ kind, isValid }) => isValid && (kind === "EnvironmentSet" || kind === "workers_kv")),
  );
}

/** `12 documents in 9 files: 2 errors, 1 warning`. */
export function summary({ units, problems }: ManifestSet): string {
  const documents = units.reduce((sum, { manifests }) => sum + manifests.length, 0);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const found = [
    ...(errors > 0 ? [count(errors, "error")] : []),
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
  ];
  return `${count(documents, "document")} in ${count(units.length, "file")}: ${found.join(", ") || "no problems"}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
