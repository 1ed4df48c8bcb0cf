import { type AppliedMigrations, applyMigrations, bindingSql, type D1Binding, readMigrations } from "../d1/index.js";

/**
 * Applies a folder of SQL files to a database: those not applied yet, in wrangler's order. For your own tests.
 *
 * @example
 * await migrate(await engine.d1("users"), "migrations");
 *
 * @throws InputError `MIGRATION_FAILED` with the file, the statement and the database's message; nothing of that file
 * was applied
 */
export async function migrate(database: D1Binding, folder: string): Promise<AppliedMigrations> {
  return applyMigrations(bindingSql(database), readMigrations(folder));
}
