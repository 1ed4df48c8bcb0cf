import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { namespaceLabel, type Namespace, type Stack } from "../../assembly/index.js";
import { type CheckedEntries, checkEntries, EntriesError } from "../../data/entries.js";
import { KeySet } from "../../data/key-set.js";
import { strayKeys } from "../../data/prune.js";
import { type Prune, seed, type SeedResult } from "../../data/seed.js";
import type { CommandContext } from "../command.js";
import type { SeedOptions } from "../commands/seed.js";
import { confirm } from "../terminal/confirm.js";
import { type Place, type Places, withPlaces } from "../data/places.js";
import { UsageError } from "../errors.js";
import { startProgress } from "../terminal/progress.js";
import { printPlan } from "../data/seed-plan.js";
import { printSeeded } from "../data/seed-report.js";

/** One namespace and the files that fill it. */
interface Job {
  readonly files: readonly string[];
  readonly namespace?: Namespace;
  /** Seconds that entries live which name no expiry. */
  readonly ttlSeconds: number;
  readonly open: () => Promise<Place>;
}

/** `cfkv seed`: fills namespaces from files, and claims nothing that was not accepted. */
export async function seedCommand(
  words: readonly string[],
  options: SeedOptions,
  context: CommandContext,
): Promise<void> {
  if (options.prefix !== undefined && options.prune !== true) {
    throw new UsageError("--prefix limits --prune, which is not given", "see: cfkv seed --help");
  }
  await withPlaces(context, async (places) => {
    const jobs = jobsOf(words, options, context, places);
    const checked = await checkAll(jobs, options);
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
      const result = await seedOne(place, files, { job, options, context, places });
      printSeeded(result, context);
      const complete = result.missingCount === 0 && result.stopped === undefined;
      failed ||= !complete;
      const { namespace } = job;
      if (complete && options.local === true && namespace?.seedFiles === job.files) {
        await places.recordLocalSeeds(namespace);
      }
      results.push(jsonOf(place, result));
      // What stopped one namespace stops the next as well.
      if (result.stopped !== undefined) break;
    }
    if (options.json === true) context.results.json(results);
    if (failed) context.finishWith(4);
  });
}

function jobsOf(words: readonly string[], options: SeedOptions, context: CommandContext, places: Places): Job[] {
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
      throw new UsageError("files go into one namespace, which is not named", "add --namespace <binding, name or id>");
    }
    const namespace =
      stackName === undefined && options.local !== true ? undefined : places.inStack(selector, where).namespace;
    const ttlSeconds = lifetime(namespace, options);
    return [{ files, ...(namespace && { namespace }), ttlSeconds, open: () => places.find(selector, where) }];
  }
  const stack: Stack = places.stack(where);
  const wanted = selector === undefined ? stack.namespaces : [places.inStack(selector, where).namespace];
  const seeded = wanted.filter(({ seedFiles }) => seedFiles.length > 0);
  if (seeded.length === 0) {
    throw new UsageError(
      selector === undefined
        ? `no namespace of stack '${stack.name}' names seed files`
        : `'${selector}' of stack '${stack.name}' names no seed files`,
      "name files on the command line, or set 'seed' on the namespace and synthesize",
    );
  }
  return seeded.map((namespace) => ({
    files: namespace.seedFiles,
    namespace,
    ttlSeconds: lifetime(namespace, options),
    open: () => places.ofNamespace(namespace, stack, where),
  }));
}

/** Entries that may be sent, and what is to be deleted besides. */
interface CheckedFiles {
  readonly entries: CheckedEntries;
  readonly prune?: Prune;
}

/** Judges the files of every namespace, before anything is asked of Cloudflare. */
async function checkAll(
  jobs: readonly Job[],
  { skipExpired, prune, prefix = "" }: SeedOptions,
): Promise<CheckedFiles[]> {
  const checked: CheckedFiles[] = [];
  const errors: EntriesError[] = [];
  for (const { files } of jobs) {
    try {
      const wanted = new KeySet();
      const entries = await checkEntries(files, { skipExpired: skipExpired ?? false }, wanted);
      // Kept only where it is needed: it grows with the number of entries.
      checked.push({ entries, ...(prune === true ? { prune: { wanted, prefix } } : {}) });
    } catch (error) {
      if (!(error instanceof EntriesError)) throw error;
      errors.push(error);
    }
  }
  const count = errors.reduce((sum, { problemCount }) => sum + problemCount, 0);
  if (count > 0)
    throw new EntriesError(
      errors.flatMap(({ problems }) => problems),
      count,
    );
  return checked;
}

async function seedOne(
  place: Place,
  { entries: checked, prune }: CheckedFiles,
  { job, options, context, places }: { job: Job; options: SeedOptions; context: CommandContext; places: Places },
): Promise<SeedResult> {
  const { ttlSeconds } = job;
  if (ttlSeconds > 0) context.notes.line(`entries that name no expiry live ${ttlSeconds} seconds`);
  if (prune !== undefined && checked.count > 0 && options.yes !== true) {
    let strays = 0;
    for await (const keys of strayKeys(place.target, prune.wanted, prune.prefix)) strays += keys.length;
    if (strays > 0)
      await confirm(
        context,
        `write ${counted(checked.count)} and delete ${strays} other ${strays === 1 ? "key" : "keys"}`,
        options.yes,
      );
    else if (place.protected) await confirm(context, protectedQuestion(checked.count, job), options.yes);
  } else if (place.protected) {
    await confirm(context, protectedQuestion(checked.count, job), options.yes);
  }
  const journal = await places.journal("seed", place.identity, ...job.files);
  if (options.resume !== true && existsSync(journal)) {
    context.notes.line("an earlier run was interrupted; this one begins anew, where --resume would go on");
  }
  places.goOn = "the same command with --resume";
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
  return entries === 1 ? "1 entry" : `${entries} entries`;
}

function protectedQuestion(count: number, { namespace }: Job): string {
  return `write ${counted(count)} into ${namespace === undefined ? "a" : `'${namespaceLabel(namespace)}' of a`} protected environment`;
}

function lifetime(namespace: Namespace | undefined, { ttl }: SeedOptions): number {
  if (ttl === undefined) return namespace?.ttlSeconds ?? 0;
  if (/^\d{1,10}$/.test(ttl) && (Number(ttl) === 0 || Number(ttl) >= 60)) return Number(ttl);
  throw new UsageError(`--ttl must be 0 or at least 60 seconds, got '${ttl}'`, "see: cfkv seed --help");
}

function jsonOf({ target, label }: Place, { stopped, ...result }: SeedResult): object {
  const { namespaceId } = target;
  return {
    namespaceId,
    target: label,
    ...result,
    ...(stopped && { stopped: { code: stopped.code, message: stopped.message } }),
  };
}
