import { type RunSql, SqlError } from "./apply-migrations.js";

/** The part of a D1 binding that is used here: Workers have it, and so has Miniflare. */
export interface D1Binding {
  prepare(sql: string): D1Statement;
  batch(statements: D1Statement[]): Promise<readonly { readonly results?: readonly unknown[] }[]>;
}

interface D1Statement {
  bind(...values: unknown[]): D1Statement;
}

/** Runs statements by a binding. */
export function bindingSql(database: D1Binding): RunSql {
  return async (statements) => {
    try {
      const prepared = statements.map(({ sql, params = [] }) => database.prepare(sql).bind(...params));
      const results = await database.batch(prepared);
      return results.map(({ results: rows = [] }) => rows as readonly Readonly<Record<string, unknown>>[]);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // The prefix is D1's own, for errors of SQL; what else goes wrong is not the statements' fault.
      if (!message.startsWith("D1_")) throw error;
      throw new SqlError(message.replace(/^D1_\w*ERROR: /, ""), { cause: error });
    }
  };
}
