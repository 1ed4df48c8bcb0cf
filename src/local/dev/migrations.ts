import { databaseLabel, type MigratedDatabase } from "../../assembly/index.js";
import { applyMigrations, bindingSql, MigrationError, readMigrations, type D1Binding } from "../../d1/index.js";
import { InputError } from "../../errors.js";

/** The migrations that were applied to one database. */
export interface Migrated {
  readonly database: string;
  /** File names. */
  readonly applied: readonly string[];
}

/**
 * Applies the migrations that databases do not have yet. Databases without new migrations are left out.
 *
 * @throws InputError `MIGRATION_FAILED` for the first that fails
 */
export async function migrateAll(
  databases: readonly MigratedDatabase[],
  open: (id: string) => Promise<D1Binding>,
): Promise<Migrated[]> {
  const results: Migrated[] = [];
  for (const { database, folders } of databases) {
    const label = databaseLabel(database);
    const run = bindingSql(await open(label));
    for (const { directory, source } of folders) {
      try {
        const { applied } = await applyMigrations(run, readMigrations(directory));
        if (applied.length > 0) results.push({ database: label, applied });
      } catch (error) {
        if (!(error instanceof MigrationError)) throw error;
        throw new InputError(error.code, `${label}: ${source}/${error.message}`, error.hint, { cause: error });
      }
    }
  }
  return results;
}
