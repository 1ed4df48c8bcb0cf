import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readAssembly } from "../assembly/index.js";
import type { CommandContext, DefineCommand } from "./command.js";
import { readProject, withOutputOption, type Project } from "./project.js";
import { runApp } from "./run-app.js";
import { printStacks } from "./print-stacks.js";

interface Options {
  readonly output?: string;
  readonly json?: true;
}

/** `cfkv synth`: runs the app of `cdktf.json`, then shows what came out. */
export const define: DefineCommand = (command, context) => {
  withOutputOption(command)
    .description("synthesize the app of cdktf.json into cdktf.out, as cdktf synth does, and show its stacks")
    .option("--json", "print the stacks as JSON")
    .action(async (options: Options) => {
      const project = readProject(context, options.output);
      await synthesizeApp(project, context);
      printStacks(readAssembly(project.output).stacks, context, options);
      if (options.json !== true) context.notes.line("\nRun it here: cfkv dev. Deploy it: cdktf deploy, or tofu apply.");
    });
};

/** Runs the app and shows what it printed: all of it when it fails, as that is where the reason stands. */
export async function synthesizeApp(project: Project, { env, notes }: CommandContext): Promise<void> {
  const printed: string[] = [];
  try {
    await runApp(project, { env, onOutput: (text) => void printed.push(text) });
  } finally {
    const text = printed.join("").trimEnd();
    if (text !== "") notes.line(text);
  }
}

/** Runs the app when there is no assembly yet, or when a source was changed after it was written. */
export async function synthesizeIfStale(project: Project, context: CommandContext): Promise<void> {
  const { newestSource } = await import("../local/dev-watch.js");
  const written = await stat(join(project.output, "manifest.json")).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  if (written !== undefined && (await newestSource(project.directory, { except: [project.output] })) <= written) return;
  const why = written === undefined ? "there is no assembly yet" : "sources are newer than the assembly";
  context.notes.line(context.notes.paint("dim", `synthesizing: ${why}`));
  await synthesizeApp(project, context);
}
