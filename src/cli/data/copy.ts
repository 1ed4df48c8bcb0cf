import { copyEntries } from "../../data/copy.js";
import type { KeyMapping } from "../../data/key-mapping.js";
import type { CommandContext } from "../command.js";
import { type CopyOptions, TO_TOKEN } from "../commands/copy.js";
import { confirm } from "../terminal/confirm.js";
import { withNamespaces } from "../data/namespaces.js";
import { renderError, UsageError } from "../errors.js";
import { startProgress } from "../terminal/progress.js";
import { printMissing } from "../data/seed-report.js";

/** `cfkv copy`: entries from one namespace into another. */
export async function copyCommand(
  from: string,
  to: string | undefined,
  options: CopyOptions,
  context: CommandContext,
): Promise<void> {
  const mappings = (options.map ?? []).map(mappingOf);
  await withNamespaces(context, async (namespaces) => {
    const { output, stack, local = false, toStack, toLocal = false, toAccount } = options;
    const inOutput = output === undefined ? {} : { output };
    const source = await namespaces.find(from, { ...inOutput, local, ...(stack === undefined ? {} : { stack }) });
    const target = await namespaces.find(to ?? from, {
      ...inOutput,
      local: toLocal,
      ...(toStack === undefined ? {} : { stack: toStack }),
      ...(toAccount === undefined ? {} : { account: toAccount }),
      ...(context.env[TO_TOKEN] ? { tokenName: TO_TOKEN } : {}),
    });
    if (source.identity === target.identity) {
      throw new UsageError("a namespace cannot be copied into itself", "name the target, or its stack with --to-stack");
    }
    context.notes.line(`source: ${source.label}`);
    context.notes.line(`target: ${target.label}`);
    if (target.protected) await confirm(context, "copy into a protected environment", options.yes);

    namespaces.goOn = "the same command with --resume";
    const progress = await startProgress(context, "entries");
    const place = `${source.identity} to ${target.identity}`;
    let result;
    try {
      result = await copyEntries(source.target, target.target, {
        journal: await namespaces.journal("copy", place, options.prefix ?? "", ...(options.map ?? [])),
        place,
        prefix: options.prefix ?? "",
        mappings,
        resume: options.resume ?? false,
        total: () => source.countKeys(options.prefix ?? ""),
        verify: options.verify ?? false,
        onProgress: progress.update,
      });
    } finally {
      progress.stop();
    }
    const { copied, expired, verified, stopped, ...rest } = result;
    const left = expired > 0 ? `, ${expired} left out as expired` : "";
    context.notes.line(`${copied} entries copied${left}${verified ? ", verified" : ""}`);
    printMissing(result, "cfkv copy … --resume", context);
    if (stopped !== undefined) renderError(stopped, context.notes);
    if (options.json === true) {
      const why = stopped && { stopped: { code: stopped.code, message: stopped.message } };
      context.results.json({ source: source.label, target: target.label, copied, expired, verified, ...rest, ...why });
    }
    if (stopped !== undefined || result.missingCount > 0) context.finishWith(4);
  });
}

function mappingOf(text: string): KeyMapping {
  const [from, to, ...more] = text.split("=");
  if (from === undefined || to === undefined || more.length > 0) {
    throw new UsageError(`--map takes <from>=<to> with one '=', got '${text}'`, "for example --map dev:=prod:");
  }
  return { from, to };
}
