import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../errors.js";
import type { CommandContext } from "../command.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { PROJECT_FILES } from "./new-app.js";
import { namedPattern, namespaceLine, namespaceYaml, type PatternName } from "./patterns.js";
import { patternFiles, templateFiles } from "./templates.js";
import { writeNewFiles } from "./write-files.js";

/** `cfkv new cache` and the like: the files of a pattern, and the lines that register it. */
export function newPatternCommand(pattern: PatternName, name: string | undefined, context: CommandContext): void {
  const project = readProject(context);
  if (project.app === undefined) {
    throw new InputError(
      "APP_MISSING",
      `no cdktf.json with an 'app' in ${project.directory}`,
      "run this in a project's folder, or create one: cfkv new app",
    );
  }
  const named = namedPattern(pattern, name ?? pattern);
  if (named === undefined) {
    throw new UsageError(
      `a name must be lower-case words joined by '-', at most 40 characters and no word of TypeScript, got '${name ?? ""}'`,
      `cfkv new ${pattern} user-pages`,
    );
  }
  const files = new Map(patternFiles(named));
  const route = "worker/route.ts";
  const shared = templateFiles("app", "common").get(route);
  if (!existsSync(join(project.directory, route)) && shared !== undefined) files.set(route, shared);
  writeNewFiles(project.directory, files, context);

  const isYaml = /\.ya?ml\b/.test(project.app);
  const { results } = context;
  results.line(`register it:`);
  results.line(`  ${isYaml ? PROJECT_FILES.yaml : PROJECT_FILES.typescript}, in namespaces:`);
  results.line(`    ${isYaml ? namespaceYaml(named) : namespaceLine(named)}`);
  results.line(`  ${PROJECT_FILES.routes}, at the top and in routes:`);
  results.line(`    import { ${named.camel} } from "./${named.kebab}.js";`);
  results.line(`    ${named.camel},`);
}
