import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Handler } from "../../emulation.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, objectBody } from "../http.js";
import { type D1Binding, databaseBinding, databaseOf } from "./databases.js";
import { splitStatements } from "../../../../d1/index.js";

/** Cloudflare's limits of one query. */
const MAX_STATEMENT_BYTES = 100_000;
const MAX_PARAMETERS = 100;

/**
 * Runs statements in one transaction. Each has its own result, with rows as objects.
 *
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/query/
 */
export const queryDatabase: Handler = async (request, emulation) => {
  const statements = sentStatements(request);
  const binding = await databaseBinding(databaseOf(request, emulation), emulation);
  return ok(await runAll(binding, statements));
};

/**
 * The same with rows as arrays, beside the names of their columns.
 *
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/raw/
 */
export const rawDatabase: Handler = async (request, emulation) => {
  const statements = sentStatements(request);
  const binding = await databaseBinding(databaseOf(request, emulation), emulation);
  const results = await runAll(binding, statements);
  return ok(
    await Promise.all(
      results.map(async (result, at) => {
        const rows = result.results;
        const columns = Object.keys(rows[0] ?? {});
        const named = columns.length > 0 ? columns : await columnsOf(binding, statements[at]);
        return {
          ...result,
          results: { columns: named, rows: rows.map((row) => columns.map((column) => row[column])) },
        };
      }),
    ),
  );
};

export interface Statement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

export interface StatementResult {
  readonly results: readonly JsonObject[];
  readonly success: boolean;
  readonly meta: JsonObject;
}

/** Runs all statements or none. */
export async function runAll(binding: D1Binding, statements: readonly Statement[]): Promise<StatementResult[]> {
  try {
    const prepared = statements.map(({ sql, params }) => binding.prepare(sql).bind(...params));
    const results = await binding.batch<JsonObject>(prepared);
    return results.map(({ results: rows, success, meta }) => ({ results: rows, success, meta: { ...meta } }));
  } catch (error) {
    // D1's own errors carry the prefix; Cloudflare's API answers without it.
    const message = error instanceof Error ? error.message : String(error);
    throw new ApiError("QUERY_FAILED", message.replace(/^D1_\w*ERROR: /, ""));
  }
}

/** The statements, each checked against D1's limit. */
export function checkedStatements(sql: string): string[] {
  const statements = splitStatements(sql);
  if (statements.length === 0) throw new ApiError("QUERY_FAILED", "No SQL statements detected.");
  for (const statement of statements) {
    if (Buffer.byteLength(statement) > MAX_STATEMENT_BYTES) {
      throw new ApiError("QUERY_FAILED", "statement too long: SQLITE_TOOBIG");
    }
  }
  return statements;
}

/** The columns of a query without rows; other statements have none. */
async function columnsOf(binding: D1Binding, statement?: Statement): Promise<readonly string[]> {
  if (statement === undefined || !/^\s*(select|with|values)\b/i.test(statement.sql)) return [];
  const [columns] = await binding
    .prepare(statement.sql)
    .bind(...statement.params)
    .raw<string[]>({ columnNames: true });
  return columns;
}

function sentStatements(request: ApiRequest): Statement[] {
  const body = objectBody(request);
  const queries: readonly unknown[] = Array.isArray(body.batch) ? body.batch : [body];
  if (queries.length === 0) throw new ApiError("DATABASE_INVALID", "Invalid property: batch => it must not be empty");
  return queries.flatMap(sentQuery);
}

function sentQuery(query: unknown): Statement[] {
  const { sql, params = [] } = isObject(query) ? query : {};
  if (typeof sql !== "string") throw new ApiError("DATABASE_INVALID", "Invalid property: sql => Required");
  if (!Array.isArray(params)) {
    throw new ApiError("DATABASE_INVALID", "Invalid property: params => Expected array");
  }
  if (params.length > MAX_PARAMETERS) throw new ApiError("QUERY_FAILED", "too many SQL variables: SQLITE_ERROR");
  const statements = checkedStatements(sql);
  if (statements.length > 1 && params.length > 0) {
    throw new ApiError("QUERY_FAILED", "params are allowed with a single statement only");
  }
  return statements.map((statement) => ({ sql: statement, params }));
}
