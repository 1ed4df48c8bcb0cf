import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import { didYouMean } from "../../suggest.js";
import { count } from "../../values/text.js";
import { environmentNames, importConfig } from "../../wrangler/import/import-config.js";
import type { PlannedSet } from "../../wrangler/import/plan-set.js";
import { printTypeScript } from "../../wrangler/import/print-typescript.js";
import { printYaml } from "../../wrangler/import/print-yaml.js";
import { findConfig, readConfig, renderFindings, unknownFields } from "../../wrangler/import/read-config.js";
import type { CommandContext } from "../command.js";
import { IMPORTED_FILE, type ImportWranglerOptions } from "../commands/import-wrangler.js";
import { Clients } from "../data/clients.js";
import { UsageError } from "../errors.js";
import { CloudflareFacts } from "./live-facts.js";
import { formOf, noteComments, refuseExisting, writeProject } from "./set-file.js";
import { writeNew } from "./write-new.js";

/** `cfkv import wrangler`: an EnvironmentSet that adopts what wrangler has deployed. */
export async function importWranglerCommand(
  config: string | undefined,
  options: ImportWranglerOptions,
  context: CommandContext,
): Promise<void> {
  const { to = IMPORTED_FILE, env: environments } = options;
  const { cwd, notes, results } = context;
  const form = formOf(to);
  const file = config ?? findConfig(cwd);
  const read = readConfig(cwd, file);
  const problems = renderFindings(read, (style, text) => notes.paint(style, text));
  if (problems !== "") notes.line(`${problems}\n`);
  if (read.findings.errors > 0) {
    throw new InputError(
      "WRANGLER_CONFIG_INVALID",
      `${file} has ${count(read.findings.errors, "problem")}`,
      "correct what is listed above; nothing was written",
    );
  }
  refuseUnknown(environments, environmentNames(read.config));

  const target = to === "-" ? join(cwd, IMPORTED_FILE) : resolve(cwd, to);
  if (to !== "-") refuseExisting(target, to);
  const isApp = form === "typescript" && basename(target) === IMPORTED_FILE;
  const base = form === "yaml" || isApp ? dirname(target) : projectOf(dirname(target));
  const set = await importConfig(read.config, {
    folder: cwd,
    file,
    base,
    environments,
    live: options.live === true ? new CloudflareFacts(new Clients(context)) : undefined,
    unknown: unknownFields(read),
  });
  const text = textOf(set, form, isApp, `from ${basename(file)}, by cfkv import wrangler`);
  if (to === "-") results.write(text);
  else {
    await writeNew(target, to, text);
    results.line(`wrote ${to}`);
    if (isApp) await writeProject(base, cwd, context);
  }
  noteComments([set], context);
}

function refuseUnknown(wanted: readonly string[], known: readonly string[]): void {
  const unknown = wanted.find((name) => name !== "" && !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    `the configuration has no environment '${unknown}'${didYouMean(unknown, known)}`,
    known.length === 0 ? "it has no environments at all: leave --env out" : `environments: ${known.join(", ")}`,
  );
}

/** The folder that an app runs in whose module a file is. */
function projectOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "cdktf.json"))) return at;
    if (dirname(at) === at) return folder;
  }
}

function textOf(set: PlannedSet, form: "typescript" | "yaml", isApp: boolean, origin: string): string {
  const heading = [
    `The app '${set.app}' ${origin}.`,
    "Go through the comments that begin with 'decide' before you apply it.",
  ];
  if (form === "yaml") return printYaml([set], heading);
  return printTypeScript([set], { heading, ...(!isApp && { functionName: functionName(set.app) }) });
}

/** `edge-store` as `edgeStore`. */
function functionName(app: string): string {
  const name = app.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return /^\d/.test(name) ? `app${name}` : name;
}
