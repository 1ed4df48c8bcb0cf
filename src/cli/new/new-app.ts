import { basename, join, resolve } from "node:path";
import { didYouMean } from "../../suggest.js";
import type { CommandContext } from "../command.js";
import type { Core, NewAppOptions } from "../commands/new-app.js";
import { UsageError } from "../errors.js";
import { json, packageJson, pnpmWorkspace } from "./manifest-of-package.js";
import { packageManager } from "./package-manager.js";
import {
  namedPattern,
  type NamedPattern,
  namespaceLine,
  namespaceYaml,
  PATTERN,
  type PatternName,
} from "./patterns.js";
import { patternFiles, templateFiles } from "./templates.js";
import { writeNewFiles } from "./write-files.js";

const CHOICES = ["sessions", "cache", "flags", "config", "rate-limit", "preferences", "hono"] as const;

/** `cfkv new app`: a project that runs. */
export function newAppCommand(name: string | undefined, options: NewAppOptions, context: CommandContext): void {
  const folder = resolve(context.cwd, name ?? ".");
  const app = basename(folder);
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(app) || app.length > 40) {
    throw new UsageError(
      `the app's name must be lower-case letters, digits and inner '-', got '${app}'`,
      "cfkv new app shop",
    );
  }
  const { core = "cdktf", yaml: isYaml = false } = options;
  const { patterns, hasHono } = choicesOf(options);
  const manager = packageManager(folder, context.env);
  const files = new Map<string, string>();
  const add = (all: ReadonlyMap<string, string>): void => all.forEach((text, path) => files.set(path, text));
  add(templateFiles("app", "common"));
  add(templateFiles("app", hasHono ? "hono" : "plain"));
  add(templateFiles("app", isYaml ? "yaml" : "typescript"));
  for (const pattern of patterns) add(patternFiles(pattern));

  const lines = patterns.map(isYaml ? namespaceYaml : namespaceLine);
  const fill: Readonly<Record<string, string>> = {
    "my-app": app,
    "npm test": manager.test,
    "npm ci": manager.cleanInstall,
    "      # corepack\n": manager.name === "npm" ? "" : "      - run: corepack enable\n",
    "    # namespaces": lines.map((line) => `    ${line}`).join("\n"),
    "      // namespaces": lines.map((line) => `      ${line}`).join("\n"),
    "// imports": patterns.map(({ camel, kebab }) => `import { ${camel} } from "./${kebab}.js";`).join("\n"),
    "  // routes": patterns.map(({ camel }) => `  ${camel},`).join("\n"),
  };
  for (const [path, text] of files) {
    files.set(
      path,
      Object.entries(fill).reduce((filled, [from, to]) => filled.replaceAll(from, to), text),
    );
  }
  files.set("cdktf.json", cdktfJson(app, isYaml));
  files.set("package.json", packageJson({ name: app, folder, core, hasHono, manager }));
  if (manager.name === "pnpm") files.set("pnpm-workspace.yaml", pnpmWorkspace(core satisfies Core));
  writeNewFiles(folder, files, context);

  const enter = name === undefined ? "" : `cd ${name} && `;
  context.notes.line(`\nnext: ${enter}${manager.install} && ${manager.test} && npx cfkv dev`);
}

function choicesOf({ with: list = "cache" }: NewAppOptions): { patterns: readonly NamedPattern[]; hasHono: boolean } {
  const words = list
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const wrong = words.find((word) => !CHOICES.some((choice) => choice === word));
  if (wrong !== undefined || words.length === 0) {
    throw new UsageError(
      `--with knows no '${wrong ?? ""}'${didYouMean(wrong ?? "", CHOICES)}`,
      `separate by commas: ${CHOICES.join(",")}`,
    );
  }
  const named = (Object.keys(PATTERN) as PatternName[])
    .filter((pattern) => words.includes(pattern))
    .flatMap((pattern) => namedPattern(pattern) ?? []);
  const cache = namedPattern("cache");
  return {
    // An app without any namespace is no example of anything.
    patterns: named.length === 0 && cache !== undefined ? [cache] : named,
    hasHono: words.includes("hono"),
  };
}

function cdktfJson(app: string, isYaml: boolean): string {
  return json({
    language: "typescript",
    app: isYaml ? "npx cfkv synth app.yaml" : "npx tsx main.ts",
    projectId: app,
    sendCrashReports: "false",
    terraformProviders: [],
    terraformModules: [],
    context: {},
  });
}

/** Where the pieces of a project are, for the lines that {@link newAppCommand} does not write itself. */
export const PROJECT_FILES = {
  routes: join("worker", "routes.ts"),
  typescript: "stacks.ts",
  yaml: "app.yaml",
} as const;
