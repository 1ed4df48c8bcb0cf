import { join } from "node:path";
import {
  chooseStack,
  databaseLabel,
  type MigratedDatabase,
  migratedDatabases,
  readAssembly,
  type Stack,
} from "../../assembly/index.js";
import { CloudflareError } from "../../cloudflare/errors.js";
import {
  applyMigrations,
  MigrationError,
  pendingMigrations,
  readMigrations,
  type RunSql,
  SqlError,
} from "../../d1/index.js";
import { InputError, ServiceError } from "../../errors.js";
import { DATA_FOLDER } from "../../local/dev/folder.js";
import { count } from "../../values/text.js";
import { didYouMean } from "../../suggest.js";
import type { CommandContext } from "../command.js";
import type { MigrateOptions } from "../commands/d1.js";
import { Clients } from "../data/clients.js";
import { endWhenInterrupted } from "../data/interrupt.js";
import type { LocalData } from "../data/local-data.js";
import { renderError, UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { confirm } from "../terminal/confirm.js";

/** What became of one database, as `--json` prints it. */
interface Outcome {
  readonly database: string;
  readonly binding: string;
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** How many had been applied before. */
  readonly before: number;
  readonly failed?: { readonly migration: string; readonly statement?: number; readonly reason: string };
}

/** `cfkv d1 migrate`: brings the databases of a stack up to date, and stops at the first statement that fails. */
export async function migrateCommand(
  name: string | undefined,
  options: MigrateOptions,
  context: CommandContext,
): Promise<void> {
  const { output } = readProject(context, options.output);
  const stack = chooseStack(readAssembly(output), name === undefined ? {} : { name });
  const databases = wanted(stack, options);
  const place = options.local === true ? new LocalDatabases(context, databases) : new RemoteDatabases(context, stack);
  try {
    const plans = [];
    for (const database of databases) plans.push(await planOf(database, await place.open(database)));
    const total = plans.reduce((sum, { pending }) => sum + pending.length, 0);
    if (options.dryRun !== true && total > 0 && stack.protected && options.local !== true) {
      const question = `apply ${count(total, "migration", "migrations")} to databases of the protected stack '${stack.name}'`;
      await confirm(context, question, options.yes);
    }
    const outcomes: Outcome[] = [];
    for (const plan of plans) {
      const outcome = options.dryRun === true ? untouched(plan) : await migrate(plan, context);
      outcomes.push(outcome);
      if (options.json !== true) print(outcome, place.what, context);
      if (outcome.failed !== undefined) break;
    }
    if (options.json === true) context.results.json(outcomes);
    if (outcomes.some(({ failed }) => failed !== undefined)) {
      context.finishWith(outcomes.some(({ applied }) => applied.length > 0) ? 4 : 1);
    }
  } finally {
    await place.close();
  }
}

/** What is to be done to a database. */
interface Plan {
  readonly database: MigratedDatabase;
  readonly run: RunSql;
  readonly pending: readonly string[];
  readonly before: readonly string[];
}

async function planOf(database: MigratedDatabase, run: RunSql): Promise<Plan> {
  const { pending, before } = await pendingMigrations(run, migrationsOf(database));
  return { database, run, pending: pending.map(({ name }) => name), before };
}

function migrationsOf({ folders }: MigratedDatabase) {
  return folders.flatMap(({ directory }) => readMigrations(directory));
}

function untouched({ database, pending, before }: Plan): Outcome {
  const label = databaseLabel(database.database);
  return { database: label, binding: database.binding, applied: [], pending, before: before.length };
}

async function migrate(plan: Plan, context: CommandContext): Promise<Outcome> {
  const { database, run, pending } = plan;
  const applied: string[] = [];
  try {
    await applyMigrations(run, migrationsOf(database), (name) => void applied.push(name));
    return { ...untouched(plan), applied, pending: [] };
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    const { migration, statement, reason, message, hint } = error;
    const source = database.folders.map((folder) => folder.source).join(", ");
    renderError(new InputError("MIGRATION_FAILED", `${source}/${message}`, hint), context.notes);
    return {
      ...untouched(plan),
      applied,
      pending: pending.filter((name) => !applied.includes(name)),
      failed: { migration, ...(statement !== undefined && { statement }), reason },
    };
  }
}

function print(
  { database, applied, pending, before, failed }: Outcome,
  where: string,
  { results }: CommandContext,
): void {
  for (const name of applied) results.line(`${results.paint("green", "applied")} ${name}`);
  for (const name of pending) results.line(`${results.paint("yellow", "pending")} ${name}`);
  const done =
    applied.length + pending.length === 0
      ? `up to date: ${count(before, "migration", "migrations")} applied before`
      : `${applied.length} applied, ${pending.length} pending, ${before} applied before`;
  results.line(`'${database}', ${where}: ${done}${failed === undefined ? "" : `; stopped at ${failed.migration}`}`);
}

function wanted({ name, workers }: Stack, { database: selector }: MigrateOptions): MigratedDatabase[] {
  const all = migratedDatabases(workers);
  if (all.length === 0) {
    const how = `set it and synthesize: d1: { DB: { databaseName: "…", migrations: "migrations" } }`;
    throw new UsageError(`no database of stack '${name}' has migrations`, how);
  }
  if (selector === undefined) return all;
  const found = all.filter(({ database, binding }) => [binding, database.name, database.databaseId].includes(selector));
  if (found.length > 0) return found;
  const known = all.map(({ binding }) => binding);
  throw new UsageError(
    `stack '${name}' has no database '${selector}' with migrations${didYouMean(selector, known)}`,
    `it has ${known.join(", ")}`,
  );
}

/** The databases of `cfkv dev`. */
class LocalDatabases {
  readonly what = "in the data of cfkv dev on this machine";
  #data: LocalData | undefined;

  constructor(
    private readonly context: CommandContext,
    private readonly all: readonly MigratedDatabase[],
  ) {}

  async open({ database }: MigratedDatabase): Promise<RunSql> {
    const { LocalData } = await import("../data/local-data.js");
    const labels = this.all.map((each) => databaseLabel(each.database));
    if (this.#data === undefined) endWhenInterrupted(this.context, () => undefined);
    this.#data ??= new LocalData(join(readProject(this.context).directory, DATA_FOLDER));
    return this.#data.database(databaseLabel(database), labels);
  }

  async close(): Promise<void> {
    await this.#data?.close();
  }
}

/** The databases of an account, where the stack is deployed. */
class RemoteDatabases {
  readonly what = "where it is deployed";
  readonly #clients: Clients;

  constructor(
    context: CommandContext,
    private readonly stack: Stack,
  ) {
    this.#clients = new Clients(context);
  }

  async open({ database, accountId }: MigratedDatabase): Promise<RunSql> {
    const { d1 } = this.#clients.open(accountId);
    const label = databaseLabel(database);
    const id = database.databaseId ?? (await d1.find(label))?.id;
    if (id === undefined) {
      const hint = `deploy the stack first: cdktf deploy ${this.stack.name}`;
      throw new ServiceError("DATABASE_NOT_FOUND", `the account has no database '${label}'`, hint);
    }
    return async (statements) => {
      try {
        return await d1.batch(id, statements);
      } catch (error) {
        if (!(error instanceof CloudflareError) || error.code !== "QUERY_FAILED") throw error;
        throw new SqlError(reasonOf(error), { cause: error });
      }
    };
  }

  async close(): Promise<void> {}
}

/** What the database said, without what was asked for and Cloudflare's numbers. */
function reasonOf({ message }: CloudflareError): string {
  return message.replace(/^cloudflare refused to run SQL: /, "").replace(/ \([^()]*code 7500\)$/, "");
}
