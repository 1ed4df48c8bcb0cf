import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { splitStatements } from "./statements.js";

/** The table that records what was applied, as wrangler names it. */
export const MIGRATIONS_TABLE = "d1_migrations";

/** A file of SQL that is applied once to each database. */
export interface Migration {
  /** The file's name, by which the database remembers it. */
  readonly name: string;
  readonly statements: readonly string[];
}

/** The names of the migrations in a folder, in the order in which wrangler applies them. */
export function migrationNames(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  // By number, and by name where the numbers are equal or missing.
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).sort((a, b) => numberOf(a) - numberOf(b) || 0);
}

/** The migrations of a folder in their order. */
export function readMigrations(folder: string): Migration[] {
  return migrationNames(folder).map((name) => {
    const text = readFileSync(join(folder, name), "utf8").replace(/^\uFEFF/, "");
    return { name, statements: splitStatements(text) };
  });
}

function numberOf(name: string): number {
  return Number.parseInt(name.split("_")[0] ?? "");
}
