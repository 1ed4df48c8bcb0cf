import { existsSync, mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Stack } from "../../assembly/index.js";
import {
  type ChangeWords,
  deploymentGroups,
  placeText,
  reportJson,
  reportText,
  type SavedPlan,
  type StackReport,
  wordsOf,
} from "../../deploy/index.js";
import { InputError } from "../../errors.js";
import { count, printable } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { DestroyOptions } from "../commands/destroy.js";
import { renderError } from "../errors.js";
import { exportCommand } from "../data/export.js";
import { confirm } from "../terminal/confirm.js";
import { Engines, expectRequirements, accountsOf } from "./engines.js";
import { showingFailures } from "./failures.js";
import { countKeys, type KeyCount } from "./key-counts.js";
import { placeOf } from "./planned-stack.js";
import { expectDestroyable, unprotect } from "./protection.js";
import { findTargets, type Targets } from "./targets.js";

/** A stack with the plan that deletes it. */
interface Doomed {
  readonly stack: Stack;
  readonly saved: SavedPlan;
  readonly report: StackReport;
  /** The namespaces that hold keys, or may. */
  readonly lost: readonly LostNamespace[];
}

interface LostNamespace {
  readonly id: string;
  readonly name: string;
  readonly count: KeyCount;
}

/** `cfkv destroy`: deletes stacks, after counting what goes with them. */
export async function destroyCommand(
  words: readonly string[],
  options: DestroyOptions,
  context: CommandContext,
): Promise<void> {
  const targets = await findTargets(words, options, context);
  if (targets === undefined) return;
  const { stacks } = targets;
  for (const stack of stacks) expectDestroyable(stack, targets);
  expectRequirements(stacks, targets.context);
  const engines = await Engines.open(targets, options.engine);
  for (const stack of stacks) context.notes.line(placeText(placeOf(stack, engines, targets.context)));
  for (const stack of stacks) engines.atEnd(unprotect(stack, targets));
  try {
    await destroyAll(targets, engines, options);
  } finally {
    engines.close();
  }
}

async function destroyAll(targets: Targets, engines: Engines, options: DestroyOptions): Promise<void> {
  const { context } = targets;
  const { notes, results } = context;
  const done: unknown[] = [];
  // What depends on others goes before them.
  const order = [...deploymentGroups(targets.stacks)].reverse().flat();
  for (const [at, stack] of order.entries()) {
    try {
      const doomed = await showingFailures(context, async () => planDestruction(stack, engines, context));
      const paint = notes.paint.bind(notes);
      notes.line(`\n${notes.paint("bold", stack.name)}\n${reportText(doomed.report, paint)}`);
      if (doomed.saved.plan.changes.length > 0) {
        await keepCopies(doomed, options, context);
        await confirm(context, question(doomed), options.yes, stack.environment ?? stack.name);
        await showingFailures(context, async () =>
          engines.of(stack).apply(doomed.saved, (line) => {
            if (line.trim() !== "") notes.line(notes.paint("dim", printable(line)));
          }),
        );
        notes.line(`stack '${stack.name}' is destroyed`);
      }
      done.push({ ...reportJson(doomed.report), destroyed: true });
    } catch (error) {
      if (done.length === 0) throw error;
      const rest = order.slice(at).map(({ name }) => name);
      renderError(error, notes);
      notes.line(
        `not destroyed, or only in part: ${rest.join(", ")}; to continue, run: cfkv destroy ${rest.join(" ")}`,
      );
      context.finishWith(4);
      break;
    }
  }
  if (options.json === true) results.json({ stacks: done });
}

async function planDestruction(stack: Stack, engines: Engines, context: CommandContext): Promise<Doomed> {
  const engine = engines.of(stack);
  await engine.initIfNeeded();
  const saved = await engine.plan("destroy");
  const changes = wordsOf({ changes: saved.plan.changes, outputs: [] }, stack);
  const lost: LostNamespace[] = [];
  for (const { losesKeysOf: id, name } of changes) {
    if (id !== undefined) lost.push({ id, name, count: await countKeys(id, accountsOf(stack)[0], context) });
  }
  const keys = new Map(lost.map(({ id, count: counted }) => [id, counted.text]));
  const report: StackReport = { ...placeOf(stack, engines, context), changes, keys, refusals: new Map(), seeds: [] };
  return { stack, saved, report, lost };
}

function question({ stack, lost, report }: Doomed): string {
  const withKeys = lost.filter(({ count: { keys } }) => keys !== 0);
  const what = withKeys.map(({ name, count: { text } }) => `'${printable(name)}' (${text})`);
  const loss = what.length === 0 ? deletions(report.changes) : `namespaces ${what.join(", ")}, which cannot be undone`;
  return `destroy stack '${stack.name}' with ${loss}`;
}

function deletions(changes: readonly ChangeWords[]): string {
  return count(changes.length, "resource");
}

/** Exports what would be lost where that is asked for, and says how where it is not. */
async function keepCopies(
  { lost, stack }: Doomed,
  { export: folder, output }: DestroyOptions,
  context: CommandContext,
): Promise<void> {
  const withKeys = lost.filter(({ count: { keys } }) => keys !== 0);
  if (withKeys.length === 0) return;
  if (folder === undefined) {
    context.notes.line(`to keep a copy of the keys, answer no and add: --export <folder>`);
    return;
  }
  const path = resolve(context.cwd, folder);
  mkdirSync(path, { recursive: true });
  for (const { id, name } of withKeys) {
    const to = join(path, `${name.replace(/[^\w.-]+/g, "_")}.ndjson`);
    if (existsSync(to)) {
      throw new InputError(
        "FILE_UNWRITABLE",
        `${relative(context.cwd, to)} exists already, and may be the copy of an earlier state`,
        "name another folder with --export; nothing was destroyed",
      );
    }
    // It fails unless every entry is in the file.
    const [account = context.env["CLOUDFLARE_ACCOUNT_ID"]] = accountsOf(stack);
    const there = { ...context, env: { ...context.env, CLOUDFLARE_ACCOUNT_ID: account } };
    await exportCommand(id, { to: relative(context.cwd, to), ...(output !== undefined && { output }) }, there);
  }
}
