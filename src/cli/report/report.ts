import { resolve } from "node:path";
import { readAssembly } from "../../assembly/index.js";
import { InputError } from "../../errors.js";
import { replaceFile } from "../../files/replace-file.js";
import { buildReport } from "../../report/build/build-report.js";
import { renderReport, type ReportFormat } from "../../report/render/render-report.js";
import type { CommandContext } from "../command.js";
import type { ReportOptions } from "../commands/report.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { liveFacts } from "./facts.js";
import { stacksNamed } from "./stacks.js";

/** `cfkv report`: what exists, and what is not done yet. */
export async function reportCommand(
  name: string | undefined,
  options: ReportOptions,
  context: CommandContext,
): Promise<void> {
  const { live, local, out, ascii, plan, showKeys = false, listKeys = false } = options;
  if (live === true && local === true) {
    throw new UsageError("a report is --live or --local, not both", "run it twice");
  }
  const format: ReportFormat = options.json === true ? "json" : options.format;
  const assembly = readAssembly(readProject(context, options.output).output);
  const stacks = stacksNamed(assembly, name);
  const facts =
    live === true
      ? await liveFacts(stacks, plan, { showKeys, listKeys: listKeys || showKeys }, context)
      : local === true
        ? await (await import("./local-facts.js")).localFacts(stacks, showKeys, context)
        : undefined;
  const report = buildReport(stacks, { all: assembly.stacks, ...(facts === undefined ? {} : { facts }) });
  const text = await renderReport(report, format, ascii === true);
  if (out === undefined) {
    await context.results.send(text);
    return;
  }
  const path = resolve(context.cwd, out);
  await replaceFile(path, text).catch((cause: unknown) => {
    const hint = "name another file with --out";
    throw new InputError("FILE_UNWRITABLE", `${path} cannot be written`, hint, { cause });
  });
  context.notes.line(`wrote ${path}`);
}
