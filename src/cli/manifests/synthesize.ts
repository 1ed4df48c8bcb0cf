import { isHexId } from "../../kv/ids.js";
import type { ManifestSet } from "../../manifest/index.js";
import type { CommandContext } from "../command.js";
import type { SynthOptions } from "../commands/synth.js";
import { UsageError } from "../errors.js";
import { readOptions } from "./options.js";
import type { Project } from "../project.js";

/** Synthesizes manifests instead of the app. Returns nothing when there were problems; they have been printed. */
export async function synthesizeManifests(
  paths: readonly string[],
  options: SynthOptions,
  project: Project,
  context: CommandContext,
): Promise<ManifestSet | undefined> {
  const { accountId = context.env["CLOUDFLARE_ACCOUNT_ID"], stack, split } = options;
  check(options);
  const { synthManifests } = await import("../../synth/index.js");
  const set = synthManifests(project.output, paths, {
    ...(await readOptions(paths, options, context)),
    ...(accountId !== undefined && { accountId }),
    ...(stack !== undefined && { stack }),
    ...(split !== undefined && { split }),
  });
  const { notes } = context;
  const problems = set.render((style, text) => notes.paint(style, text));
  if (problems !== "") notes.line(`${problems}\n`);
  if (!set.isValid()) {
    notes.line("nothing was written");
    context.finishWith(1);
    return undefined;
  }
  return set;
}

/** Says which variables the provider reads in place of those that a credential names. */
export async function noteRenamedVariables(set: ManifestSet, { notes }: Pick<CommandContext, "notes">): Promise<void> {
  const { renamedVariables } = await import("../../manifest/index.js");
  for (const manifest of set.units.flatMap(({ manifests }) => manifests)) {
    if (manifest.kind !== "CloudflareCredential") continue;
    for (const [name, variable] of Object.entries(renamedVariables(manifest))) {
      notes.line(`when applying, set ${name} to the value of ${variable}: the provider reads only that name`);
    }
  }
}

/** Options for manifests have no effect without manifests. */
export function refuseManifestOptions({ set, compat, accountId, stack, split }: SynthOptions): void {
  const given = { "--compat": compat, "--account-id": accountId, "--stack": stack, "--split": split };
  const [option] = [...(set.length > 0 ? ["--set"] : []), ...Object.keys(given).filter((name) => isGiven(given, name))];
  if (option === undefined) return;
  throw new UsageError(
    `${option} requires manifests, and none is named`,
    `name some: cfkv synth manifests/ ${option} …`,
  );
}

function isGiven(options: Readonly<Record<string, unknown>>, name: string): boolean {
  return options[name] !== undefined;
}

function check({ accountId, stack, split }: SynthOptions): void {
  if (accountId !== undefined && !isHexId(accountId)) {
    throw new UsageError(
      `--account-id must be 32 lower-case hexadecimal digits, got '${accountId}'`,
      "see: cfkv synth --help",
    );
  }
  if (stack !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(stack)) {
    throw new UsageError(`--stack must be letters, digits, '_' and '-', got '${stack}'`, "see: cfkv synth --help");
  }
  if (stack !== undefined && split !== undefined) {
    throw new UsageError("--stack names one stack, and --split makes several", "remove one of them");
  }
}
