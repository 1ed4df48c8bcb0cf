export {
  type AppliedMigrations,
  applyMigrations,
  MigrationError,
  pendingMigrations,
  type RunSql,
  type Sql,
  SqlError,
} from "./apply-migrations.js";
export { bindingSql, type D1Binding } from "./d1-binding.js";
export { type Migration, migrationNames, readMigrations } from "./migrations.js";
export { splitStatements } from "./statements.js";
