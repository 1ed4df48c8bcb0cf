import { databaseLabel, type Database, type MigrationFolder, type Worker } from "./model.js";

/** A database with migrations. */
export interface MigratedDatabase {
  readonly database: Database;
  /** The first binding that names migrations. */
  readonly binding: string;
  /** Of the Worker that binds it. */
  readonly accountId?: string;
  /** One, unless Workers name several for the same database. */
  readonly folders: readonly MigrationFolder[];
}

/** The databases of Workers for which there are migrations, each once. */
export function migratedDatabases(workers: readonly Worker[]): MigratedDatabase[] {
  const found = new Map<string, MigratedDatabase>();
  for (const { accountId, versions } of workers) {
    for (const binding of versions.flatMap(({ bindings }) => bindings)) {
      if (binding.kind !== "d1" || binding.migrations === undefined) continue;
      const { database, name, migrations } = binding;
      const label = databaseLabel(database);
      const known = found.get(label) ?? {
        database,
        binding: name,
        ...(accountId !== undefined && { accountId }),
        folders: [],
      };
      const isNew = known.folders.every(({ source }) => source !== migrations.source);
      found.set(label, isNew ? { ...known, folders: [...known.folders, migrations] } : known);
    }
  }
  return [...found.values()];
}
