import { copyEntries } from "../../data/copy.js";
import type { KeyMapping } from "../../data/key-mapping.js";
import type { CommandContext, DefineCommand } from "../command.js";
import { confirm } from "../terminal/confirm.js";
import { withPlaces } from "../data/places.js";
import { renderError, UsageError } from "../errors.js";
import { startProgress } from "../terminal/progress.js";
import { withOutputOption } from "../project.js";
import { printMissing } from "../data/seed-report.js";

interface Options {
  readonly output?: string;
  readonly stack?: string;
  readonly local?: true;
  readonly toStack?: string;
  readonly toLocal?: true;
  readonly toAccount?: string;
  readonly prefix?: string;
  readonly map?: readonly string[];
  readonly resume?: true;
  readonly verify?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** The variable of a token that only the target takes: tokens stand in no command line. */
const TO_TOKEN = "CLOUDFLARE_TO_API_TOKEN";

/** `cfkv copy`: entries from one namespace into another. */
export const define: DefineCommand = (command, context) => {
  withOutputOption(command)
    .description("copy entries, with metadata and expiration, into another namespace; what it holds besides stays")
    .argument("<from>", "name or id; with --stack or --local also a binding")
    .argument("[to]", "the same for the target (default: the same name, in another stack)")
    .option("-s, --stack <stack>", "the stack or environment of <from>")
    .option("--local", "read the data of cfkv dev")
    .option("--to-stack <stack>", "the stack or environment of <to>")
    .option("--to-local", "write the data of cfkv dev")
    .option("--to-account <id>", "the account of <to> (default: its stack's, or CLOUDFLARE_ACCOUNT_ID)")
    .addHelpText("after", `\nWhere the token does not cover the target's account, ${TO_TOKEN} holds another for it.`)
    .option("--prefix <prefix>", "only keys that begin with it")
    .option("--map <from=to>", "replace a prefix of keys; may be repeated, the first that fits is applied", collect)
    .option("--resume", "go on with a copy that was interrupted")
    .option("--verify", "read both sides at the end and compare")
    .option("-y, --yes", "do not ask before writing into a protected environment")
    .option("--json", "print what was done as JSON")
    .action((from: string, to: string | undefined, options: Options) =>
      copyCommand(from, to ?? from, options, context),
    );
};

async function copyCommand(from: string, to: string, options: Options, context: CommandContext): Promise<void> {
  const mappings = (options.map ?? []).map(mappingOf);
  await withPlaces(context, async (places) => {
    const { output, stack, local = false, toStack, toLocal = false, toAccount } = options;
    const inOutput = output === undefined ? {} : { output };
    const source = await places.find(from, { ...inOutput, local, ...(stack === undefined ? {} : { stack }) });
    const target = await places.find(to, {
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

    places.goOn = "the same command with --resume";
    const progress = await startProgress(context, "entries");
    const place = `${source.identity} to ${target.identity}`;
    let result;
    try {
      result = await copyEntries(source.target, target.target, {
        journal: await places.journal("copy", place, options.prefix ?? "", ...(options.map ?? [])),
        place,
        prefix: options.prefix ?? "",
        mappings,
        resume: options.resume ?? false,
        verify: options.verify ?? false,
        onProgress: progress.update,
      });
    } finally {
      progress.stop();
    }
    const { copied, expired, verified, stopped, ...rest } = result;
    const left = expired > 0 ? `, ${expired} left out as expired` : "";
    context.notes.line(`${copied} entries copied${left}${verified ? ", read back and found the same" : ""}`);
    printMissing(result, "cfkv copy … --resume", context);
    if (stopped !== undefined) renderError(stopped, context.notes);
    if (options.json === true) {
      const why = stopped && { stopped: { code: stopped.code, message: stopped.message } };
      context.results.json({ source: source.label, target: target.label, copied, expired, verified, ...rest, ...why });
    }
    if (stopped !== undefined || result.missingCount > 0) context.finishWith(4);
  });
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function mappingOf(text: string): KeyMapping {
  const [from, to, ...more] = text.split("=");
  if (from === undefined || to === undefined || more.length > 0) {
    throw new UsageError(`--map takes <from>=<to> with one '=', got '${text}'`, "for example --map dev:=prod:");
  }
  return { from, to };
}
