import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Emulation, Handler } from "../../emulation.js";
import { type DatabaseRecord, uuid } from "../../records.js";
import { changed, saved, without } from "../answers.js";
import { ok, page } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, objectBody, param, picked } from "../http.js";

const OPTIONS = ["jurisdiction", "primary_location_hint", "read_replication"];

/** @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/create/ */
export const createDatabase: Handler = (request, emulation) => {
  const account = param(request, "account");
  const body = objectBody(request);
  const { name } = body;
  const { databases } = emulation.state;
  if (typeof name !== "string" || name === "") throw new ApiError("DATABASE_INVALID", "Invalid property: name");
  if (databases.some((other) => other.account === account && other.name === name)) {
    throw new ApiError("DATABASE_EXISTS");
  }
  const database = {
    account,
    uuid: uuid(),
    name,
    created_at: emulation.now().toISOString(),
    options: picked(checkedOptions(body), OPTIONS),
  };
  databases.push(database);
  return changed(emulation, shown(database));
};

export const listDatabases: Handler = (request, { state }) => {
  const name = request.query.get("name");
  const found = state.databases
    .filter(({ account }) => account === param(request, "account"))
    .filter((database) => name === null || database.name.includes(name));
  return page(
    found.map((database) => shown(database)),
    request,
    100,
    10_000,
  );
};

export const getDatabase: Handler = async (request, emulation) => {
  const database = databaseOf(request, emulation);
  const fields = request.query.get("fields");
  const all = shown(database, await sizeOf(database, emulation));
  return ok(fields === null ? all : picked(all, fields.split(",")));
};

/** @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/update/ */
export const putDatabase: Handler = (request, emulation) => {
  const database = databaseOf(request, emulation);
  const { read_replication: replication } = checkedOptions(objectBody(request));
  if (replication !== undefined) database.options = { ...database.options, read_replication: replication };
  return saved(emulation, shown(database));
};

export const deleteDatabase: Handler = (request, emulation) => {
  const { state } = emulation;
  state.databases = without(state.databases, databaseOf(request, emulation));
  return changed(emulation, null);
};

/** The database in a path, by id or, from newer clients, by name. */
export function databaseOf(request: ApiRequest, { state }: Emulation): DatabaseRecord {
  const account = param(request, "account");
  const wanted = param(request, "database");
  const mine = state.databases.filter((database) => database.account === account);
  const found = mine.find((database) => database.uuid === wanted) ?? mine.find(({ name }) => name === wanted);
  if (found === undefined) throw new ApiError("DATABASE_NOT_FOUND");
  return found;
}

/** The live binding of a database. */
export async function databaseBinding({ uuid: id }: DatabaseRecord, { workerd }: Emulation): Promise<D1Binding> {
  await workerd.upToDate();
  return workerd.engine.d1(id);
}

export type D1Binding = Awaited<ReturnType<Emulation["workerd"]["engine"]["d1"]>>;

interface DatabaseSize {
  readonly num_tables: number;
  readonly file_size: number;
}

const EMPTY: DatabaseSize = { num_tables: 0, file_size: 0 };

async function sizeOf(database: DatabaseRecord, emulation: Emulation): Promise<DatabaseSize> {
  const binding = await databaseBinding(database, emulation);
  const tables = "select count(*) n from sqlite_master where type = 'table' and name not like '\\_cf\\_%' escape '\\'";
  const { results, meta } = await binding.prepare(tables).all<{ n: number }>();
  const count = results[0]?.n ?? 0;
  return count === 0 ? EMPTY : { num_tables: count, file_size: meta.size_after };
}

function checkedOptions(body: JsonObject): JsonObject {
  const { read_replication: replication } = body;
  if (replication === undefined || isObject(replication)) return body;
  const got = replication === null ? "null" : typeof replication;
  throw new ApiError("DATABASE_INVALID", `Invalid property: read_replication => Expected object, received ${got}`);
}

function shown({ uuid: id, name, created_at, options }: DatabaseRecord, size = EMPTY): JsonObject {
  return { uuid: id, name, version: "production", created_at, ...size, ...options };
}
