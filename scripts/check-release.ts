/** `tsx scripts/check-release.ts v0.2.0`: whether the tag, package.json and the changelog name the same version. */
import { readFileSync } from "node:fs";

const [, , tag = ""] = process.argv;
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const problems = [
  ...(tag === `v${version}` ? [] : [`the tag is '${tag}' and package.json says ${version}: tag v${version}`]),
  ...(readFileSync("CHANGELOG.md", "utf8").includes(`\n## [${version}] - `)
    ? []
    : [`CHANGELOG.md has no section '## [${version}] - <date>': move what is unreleased there`]),
];
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
