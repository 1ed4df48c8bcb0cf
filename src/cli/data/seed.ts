import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { namespaceLabel, type Namespace, type Stack } from "../../assembly/index.js";
import { type CheckedEntries, checkEntries, EntriesError } from "../../data/entries.js";
import type { FileOptions } from "../../data/item.js";
import { KeySet } from "../../data/key-set.js";
import { strayKeys } from "../../data/prune.js";
import { isEncoding } from "../../data/read-chunks.js";
import { seed } from "../../data/seed.js";
import type { Prune, SeedResult } from "../../data/seed-options.js";
import * as KV_LIMITS from "../../kv/limits.js";
import { ttlSecondsProblem } from "../../kv/rules.js";
import { count } from "../../values/text.js";
import { lockOwner } from "../../files/process-lock.js";
import type { CommandContext } from "../command.js";
import type { SeedOptions } from "../commands/seed.js";
import { confirm } from "../terminal/confirm.js";
import { type OpenNamespace, type Namespaces, withNamespaces } from "../data/namespaces.js";
import { UsageError } from "../errors.js";
import { startProgress } from "../terminal/progress.js";
import { printPlan } from "../data/seed-plan.js";
import { printSeeded } from "../data/seed-report.js";

/** One namespace and the files that fill it. */
interface Job {
  readonly files: readonly string[];
  readonly namespace?: Namespace;
  /** Seconds until entries without an expiration expire. */
  readonly ttlSeconds: number;
  readonly open: () => Promise<OpenNamespace>;
}

/** `cfkv seed`: fills namespaces from files, and reports as written only what was accepted. */
export async function seedCommand(
  words: readonly string[],
  options: SeedOptions,
  context: CommandContext,
): Promise<void> {
  if (options.prefix !== undefined && options.prune !== true) {
    throw new UsageError("--prefix requires --prune", "see: cfkv seed --help");
  }
  await withNamespaces(context, async (namespaces) => {
    const jobs = jobsOf(words, options, context, namespaces);
    const checked = await checkAll(jobs, options, context);
    const results: object[] = [];
    let failed = false;
    for (const [at, job] of jobs.entries()) {
      const files = checked[at];
      if (files === undefined) continue;
      const place = await job.open();
      context.notes.line(`target: ${place.label}`);
      if (options.dryRun === true) {
        const { entries, prune } = files;
        const plan = { ttlSeconds: job.ttlSeconds, ...(prune && { prune }), ...(options.json && { json: true }) };
        results.push(await printPlan(place, entries, plan, context));
        continue;
      }
      const result = await seedOne(place, files, { job, options, context, namespaces });
      printSeeded(result, context);
      const complete = result.missingCount === 0 && result.stopped === undefined;
      failed ||= !complete;
      const { namespace } = job;
      if (complete && options.local === true && namespace?.seedFiles === job.files) {
        await namespaces.recordLocalSeeds(namespace);
      }
      results.push(jsonOf(place, result));
      // What stopped one namespace would stop the next as well.
      if (result.stopped !== undefined) break;
    }
    if (options.json === true) context.results.json(results);
    if (failed) context.finishWith(4);
  });
}

function jobsOf(
  words: readonly string[],
  options: SeedOptions,
  context: CommandContext,
  namespaces: Namespaces,
): Job[] {
  if (words.includes("-")) {
    throw new UsageError(
      "entries are read twice, to be checked and to be sent, so they cannot come from stdin",
      "write them to a file first; between namespaces: cfkv copy",
    );
  }
  const [first, ...others] = words;
  const namesStack =
    first !== undefined &&
    options.stack === undefined &&
    !existsSync(resolve(context.cwd, first)) &&
    !/[./\\]/.test(first);
  const stackName = namesStack ? first : options.stack;
  const files = (namesStack ? others : words).map((file) => resolve(context.cwd, file));
  const where = { ...options, ...(stackName === undefined ? {} : { stack: stackName }) };
  const { namespace: selector } = options;

  if (files.length > 0) {
    if (selector === undefined) {
      throw new UsageError("no namespace given for these files", "add --namespace <binding, name or id>");
    }
    const namespace =
      stackName === undefined && options.local !== true ? undefined : namespaces.inStack(selector, where).namespace;
    const ttlSeconds = lifetime(namespace, options);
    return [{ files, ...(namespace && { namespace }), ttlSeconds, open: () => namespaces.find(selector, where) }];
  }
  const stack: Stack = namespaces.stack(where);
  const wanted = selector === undefined ? stack.namespaces : [namespaces.inStack(selector, where).namespace];
  const seeded = wanted.filter(({ seedFiles }) => seedFiles.length > 0);
  if (seeded.length === 0) {
    throw new UsageError(
      selector === undefined
        ? `no namespace of stack '${stack.name}' has seed files`
        : `'${selector}' of stack '${stack.name}' has no seed files`,
      "name files on the command line, or set 'seed' on the namespace and synthesize",
    );
  }
  return seeded.map((namespace) => ({
    files: namespace.seedFiles,
    namespace,
    ttlSeconds: lifetime(namespace, options),
    open: () => namespaces.ofNamespace(namespace, stack, where),
  }));
}

/** Entries to send, and keys to delete as well. */
interface CheckedFiles {
  readonly entries: CheckedEntries;
  readonly prune?: Prune;
}

/** Checks the files of every namespace before any request is sent to Cloudflare. */
async function checkAll(
  jobs: readonly Job[],
  { skipExpired, prune, prefix = "", ...options }: SeedOptions,
  context: CommandContext,
): Promise<CheckedFiles[]> {
  const fileOptions = fileOptionsOf(options);
  const checked: CheckedFiles[] = [];
  const errors: EntriesError[] = [];
  for (const { files } of jobs) {
    try {
      const wanted = new KeySet();
      const entries = await checkEntries(files, { ...fileOptions, skipExpired: skipExpired ?? false }, wanted);
      noteFiles(entries, context);
      // Kept only where it is needed: it grows with the number of entries.
      checked.push({ entries, ...(prune === true ? { prune: { wanted, prefix } } : {}) });
    } catch (error) {
      if (!(error instanceof EntriesError)) throw error;
      errors.push(error);
    }
  }
  const problemCount = errors.reduce((sum, error) => sum + error.problemCount, 0);
  if (problemCount > 0)
    throw new EntriesError(
      errors.flatMap(({ problems }) => problems),
      problemCount,
    );
  return checked;
}

async function seedOne(
  place: OpenNamespace,
  { entries: checked, prune }: CheckedFiles,
  {
    job,
    options,
    context,
    namespaces,
  }: { job: Job; options: SeedOptions; context: CommandContext; namespaces: Namespaces },
): Promise<SeedResult> {
  const { ttlSeconds } = job;
  if (ttlSeconds > 0) context.notes.line(`entries without an expiration expire after ${ttlSeconds} seconds`);
  if (prune !== undefined && checked.count > 0 && options.yes !== true) {
    let strays = 0;
    for await (const keys of strayKeys(place.target, prune.wanted, prune.prefix)) strays += keys.length;
    if (strays > 0)
      await confirm(
        context,
        `write ${counted(checked.count)} and delete ${strays} other ${strays === 1 ? "key" : "keys"}`,
        options.yes,
      );
    else if (place.protected) await confirm(context, protectedQuestion(checked.count, place), options.yes);
  } else if (place.protected) {
    await confirm(context, protectedQuestion(checked.count, place), options.yes);
  }
  const journal = await namespaces.journal("seed", place.identity, ...job.files);
  if (options.resume !== true && existsSync(journal) && (await lockOwner(`${journal}.lock`)) === undefined) {
    context.notes.line("an earlier run was interrupted; starting over (use --resume to continue it)");
  }
  namespaces.goOn = "the same command with --resume";
  const progress = await startProgress(context, "entries");
  try {
    return await seed(place.target, checked, {
      journal,
      place: place.identity,
      resume: options.resume ?? false,
      ttlSeconds,
      onlyChanges: options.onlyChanges ?? false,
      verify: options.verify ?? false,
      onProgress: progress.update,
      ...(prune === undefined ? {} : { prune }),
    });
  } finally {
    progress.stop();
  }
}

function counted(entries: number): string {
  return count(entries, "entry", "entries");
}

function protectedQuestion(entries: number, { namespace }: OpenNamespace): string {
  return `write ${counted(entries)} into ${namespace === undefined ? "a" : `'${namespaceLabel(namespace)}' of a`} protected environment`;
}

/** What the author of a run's files may not expect in them. */
function noteFiles(
  { files, count: entries, expired, hidden, warnings }: CheckedEntries,
  { notes }: CommandContext,
): void {
  for (const warning of warnings) notes.line(`${notes.paint("yellow", "warning")}: ${warning}`);
  if (hidden.length > 0) {
    const [first = ""] = hidden;
    const more = hidden.length === 1 ? "" : ` and ${hidden.length - 1} more`;
    notes.line(`left out because the name begins with a dot: ${first}${more} (--hidden includes them)`);
  }
  if (entries + expired === 0) notes.line(`no entries in ${files.join(", ")}`);
}

/** How to read the files. */
function fileOptionsOf({ encoding, delimiter, jsonValues, hidden }: SeedOptions): FileOptions {
  if (encoding !== undefined && !isEncoding(encoding)) {
    throw new UsageError(`--encoding '${encoding}' is not known`, "for example windows-1252, iso-8859-15, utf-16le");
  }
  const separator = delimiter === "tab" ? "\t" : delimiter;
  if (separator !== undefined && !/^[^"\r\n]$/u.test(separator)) {
    throw new UsageError(
      `--delimiter must be one character, or 'tab', got '${separator}'`,
      "for example --delimiter ';'",
    );
  }
  return {
    ...(encoding === undefined ? {} : { encoding }),
    ...(separator === undefined ? {} : { delimiter: separator }),
    ...(jsonValues === undefined ? {} : { jsonValues }),
    ...(hidden === undefined ? {} : { hidden }),
  };
}

function lifetime(namespace: Namespace | undefined, { ttl }: SeedOptions): number {
  if (ttl === undefined) return namespace?.ttlSeconds ?? 0;
  const problem = /^\d{1,15}$/.test(ttl)
    ? ttlSecondsProblem(Number(ttl))
    : "ttlSeconds must be a whole number of seconds";
  if (problem === undefined) return Number(ttl);
  throw new UsageError(
    `--ttl must be 0 or ${KV_LIMITS.minExpirationTtl} to ${KV_LIMITS.maxExpirationTtl} seconds, got '${ttl}'`,
    "see: cfkv seed --help",
  );
}

function jsonOf({ target, label }: OpenNamespace, { stopped, ...result }: SeedResult): object {
  const { namespaceId } = target;
  return {
    namespaceId,
    target: label,
    ...result,
    ...(stopped && { stopped: { code: stopped.code, message: stopped.message } }),
  };
}
