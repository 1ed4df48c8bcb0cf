import { isObject } from "../values/json.js";
import { listOf } from "./answers.js";
import type { Http } from "./http.js";

/** A D1 database of an account. */
export interface DatabaseInfo {
  readonly id: string;
  readonly name: string;
}

type Row = Readonly<Record<string, unknown>>;

const DATABASES_PER_PAGE = 100;
const PERMISSION = "D1: Edit";

/** The D1 databases of one account over the REST API. */
export class D1Client {
  constructor(
    private readonly http: Http,
    private readonly accountId: string,
  ) {}

  /** The database of a name, if there is one. */
  async find(name: string): Promise<DatabaseInfo | undefined> {
    for (let page = 1; ; page++) {
      const { result } = await this.http.call(
        {
          method: "GET",
          path: `accounts/${this.accountId}/d1/database`,
          doing: "list databases",
          query: { name, page, per_page: DATABASES_PER_PAGE },
          permission: PERMISSION,
        },
        listOf(databaseInfo),
      );
      // The filter takes every name that contains the text.
      const found = result.find((database) => database.name === name);
      if (found !== undefined || result.length < DATABASES_PER_PAGE) return found;
    }
  }

  /** Runs statements in one transaction, and returns the rows of each. `QUERY_FAILED` when one is refused. */
  async batch(
    databaseId: string,
    statements: readonly { readonly sql: string; readonly params?: readonly string[] }[],
  ): Promise<readonly (readonly Row[])[]> {
    const { result } = await this.http.call(
      {
        method: "POST",
        path: `accounts/${this.accountId}/d1/database/${encodeURIComponent(databaseId)}/query`,
        doing: "run SQL",
        json: { batch: statements },
        permission: PERMISSION,
      },
      (each) => {
        const read = listOf(rowsOf)(each);
        return read?.length === statements.length ? read : undefined;
      },
    );
    return result;
  }
}

function databaseInfo(database: unknown): DatabaseInfo | undefined {
  if (!isObject(database)) return undefined;
  const { uuid, name } = database;
  return typeof uuid === "string" && typeof name === "string" ? { id: uuid, name } : undefined;
}

/** Of a statement that succeeded. */
function rowsOf(result: unknown): readonly Row[] | undefined {
  if (!isObject(result) || result["success"] === false) return undefined;
  return listOf((row) => (isObject(row) ? row : undefined))(result["results"] ?? []);
}
