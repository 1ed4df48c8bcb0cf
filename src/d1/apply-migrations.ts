import { InputError } from "../errors.js";
import { type Migration, MIGRATIONS_TABLE } from "./migrations.js";

/** A statement with the values of its parameters. */
export interface Sql {
  readonly sql: string;
  readonly params?: readonly string[];
}

/**
 * A database that runs statements in one transaction: all of them, or none. It returns the rows of each, and throws what
 * the database says when one fails.
 */
export type RunSql = (statements: readonly Sql[]) => Promise<readonly (readonly Readonly<Record<string, unknown>>[])[]>;

/** What became of the migrations of a database; names of files. */
export interface AppliedMigrations {
  /** Those that were applied now. */
  readonly applied: readonly string[];
  /** Those that had been applied before. */
  readonly before: readonly string[];
}

/** A migration that the database refused. Nothing of its file was applied. */
export class MigrationError extends InputError<"MIGRATION_FAILED"> {
  constructor(
    /** The file's name. */
    readonly migration: string,
    /** The failing statement's number in its file, beginning with 1; undefined when that is not known. */
    readonly statement: number | undefined,
    /** What the database says. */
    readonly reason: string,
    /** Those that were applied before it. */
    readonly applied: readonly string[],
    sql: string | undefined,
  ) {
    const where = statement === undefined ? "" : `, statement ${statement}`;
    const text = sql === undefined ? "" : `\n  ${excerpt(sql)}`;
    super(
      "MIGRATION_FAILED",
      `${migration}${where}: ${reason}${text}`,
      "correct the file; nothing of it was applied, and what comes before it stays",
    );
  }
}

/**
 * Applies the migrations that a database has not had yet, each in a transaction of its own together with its record: what
 * wrangler records, so that both can be used in turn.
 *
 * @throws MigrationError for the first that fails; those before it stay applied
 */
export async function applyMigrations(
  run: RunSql,
  migrations: readonly Migration[],
  onApplied: (name: string) => void = () => undefined,
): Promise<AppliedMigrations> {
  const { pending, before } = await pendingMigrations(run, migrations);
  const applied: string[] = [];
  for (const migration of pending) {
    await applyOne(run, migration, applied);
    applied.push(migration.name);
    onApplied(migration.name);
  }
  return { applied, before };
}

/** Finds out which migrations a database has not had, and changes nothing. */
export async function pendingMigrations(
  run: RunSql,
  migrations: readonly Migration[],
): Promise<{ readonly pending: readonly Migration[]; readonly before: readonly string[] }> {
  const [tables = []] = await run([{ sql: `SELECT name FROM sqlite_master WHERE name = '${MIGRATIONS_TABLE}'` }]);
  const [rows = []] = tables.length === 0 ? [] : await run([{ sql: `SELECT name FROM ${MIGRATIONS_TABLE}` }]);
  const had = new Set(rows.map(({ name }) => name));
  return {
    pending: migrations.filter(({ name }) => !had.has(name)),
    before: migrations.flatMap(({ name }) => (had.has(name) ? name : [])),
  };
}

/** As wrangler makes it. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${MIGRATIONS_TABLE}(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

async function applyOne(run: RunSql, { name, statements }: Migration, applied: readonly string[]): Promise<void> {
  const record = { sql: `INSERT INTO ${MIGRATIONS_TABLE} (name) VALUES (?)`, params: [name] };
  try {
    await run([{ sql: CREATE_TABLE }, ...statements.map((sql) => ({ sql })), record]);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const at = await failingStatement(run, statements);
    const number = at === undefined ? undefined : at + 1;
    throw new MigrationError(name, number, error.message, applied, at === undefined ? undefined : statements[at]);
  }
}

/** The database refused a statement: what it says, without the name of the error. */
export class SqlError extends Error {}

/** Fails in every database, so that what comes before it is rolled back. */
const PROBE = "cfkv_end_of_probe";

/**
 * Which statement fails. A transaction does not say, so ever smaller beginnings of the file are tried, each of which a
 * last statement that cannot succeed rolls back.
 */
async function failingStatement(run: RunSql, statements: readonly string[]): Promise<number | undefined> {
  if (statements.length === 1) return 0;
  let [good, bad] = [0, statements.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const beginning = statements.slice(0, middle).map((sql) => ({ sql }));
    const said = await run([...beginning, { sql: `SELECT ${PROBE}()` }]).then(
      () => undefined,
      (error: unknown) => (error instanceof SqlError ? error.message : undefined),
    );
    if (said === undefined) return undefined;
    if (said.includes(PROBE)) good = middle;
    else bad = middle;
  }
  return good;
}

/** The first lines of a statement, without comments before it. */
function excerpt(sql: string): string {
  const lines = sql
    .replace(/^(\s*--[^\n]*\n|\s*\/\*[^]*?\*\/)*\s*/, "")
    .split("\n")
    .map((line) => line.trimEnd());
  const shown = lines.slice(0, 5).map((line) => (line.length > 160 ? `${line.slice(0, 160)}…` : line));
  return [...shown, ...(lines.length > 5 ? ["…"] : [])].join("\n  ");
}
