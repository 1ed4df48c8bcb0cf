import { type AppliedMigrations, applyMigrations, bindingSql, type D1Binding, readMigrations } from "../d1/index.js";

/**
 * Applies a folder of SQL files to a database: those it has not had, in wrangler's order. For tests of your own.
 *
 * @example
 * await migrate(await engine.d1("users"), "migrations");
 *
 * @throws InputError `MIGRATION_FAILED` with the file, the statement and what the database says; nothing of that file
 *   was applied
 */
export async function migrate(database: D1Binding, folder: string): Promise<AppliedMigrations> {
  return applyMigrations(bindingSql(database), readMigrations(folder));
}
