import { existsSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { InputError } from "../../errors.js";
import { didYouMean } from "../../suggest.js";
import { count } from "../../values/text.js";
import { environmentNames, importConfig } from "../../wrangler/import/import-config.js";
import type { PlannedSet } from "../../wrangler/import/plan-set.js";
import { printTypeScript } from "../../wrangler/import/print-typescript.js";
import { printYaml } from "../../wrangler/import/print-yaml.js";
import { findConfig, readConfig, renderFindings, unknownFields } from "../../wrangler/import/read-config.js";
import { commentsOf } from "../../wrangler/import/written.js";
import type { CommandContext } from "../command.js";
import { IMPORTED_FILE, type ImportWranglerOptions } from "../commands/import-wrangler.js";
import { Clients } from "../data/clients.js";
import { UsageError } from "../errors.js";
import { CloudflareFacts } from "./live-facts.js";
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
  for (const { path, text: comment } of commentsOf(set.props)) {
    if (!/^(decide|left out): /.test(comment)) continue;
    notes.line(`${notes.paint("yellow", path.length === 0 ? "set" : path.join("."))} ${comment}`);
  }
}

function formOf(to: string): "typescript" | "yaml" {
  const extension = to === "-" ? ".ts" : extname(to);
  if (extension === ".ts") return "typescript";
  if (extension === ".yaml" || extension === ".yml") return "yaml";
  throw new UsageError(`--to must end in .ts, .yaml or .yml, got '${to}'`, `as in --to ${IMPORTED_FILE}`);
}

function refuseUnknown(wanted: readonly string[], known: readonly string[]): void {
  const unknown = wanted.find((name) => name !== "" && !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    `the configuration has no environment '${unknown}'${didYouMean(unknown, known)}`,
    known.length === 0 ? "it has no environments at all: leave --env out" : `environments: ${known.join(", ")}`,
  );
}

function refuseExisting(target: string, to: string): void {
  if (!existsSync(target)) return;
  throw new InputError("FILE_EXISTS", `${to} exists already, and is left as it is`, "name another file with --to");
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
  if (form === "yaml") return printYaml(set, heading);
  return printTypeScript(set, { heading, ...(!isApp && { functionName: functionName(set.app) }) });
}

/** `edge-store` as `edgeStore`. */
function functionName(app: string): string {
  const name = app.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return /^\d/.test(name) ? `app${name}` : name;
}

/** An app runs where cdktf.json names it. */
async function writeProject(folder: string, cwd: string, { results }: CommandContext): Promise<void> {
  const path = join(folder, "cdktf.json");
  if (existsSync(path)) return;
  const project = { language: "typescript", app: `npx tsx ${IMPORTED_FILE}`, sendCrashReports: "false" };
  await writeNew(path, path, `${JSON.stringify(project, null, 2)}\n`);
  results.line(`wrote ${relative(cwd, path)}`);
}
