import type { Emulation, Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { ApiError } from "./errors.js";
import { type ApiRequest, isObject, type JsonObject, objectBody, param, picked } from "./http.js";
import { type DatabaseRecord, uuid } from "../state.js";

const OPTIONS = ["jurisdiction", "primary_location_hint", "read_replication"];

/** @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/create/ */
export const createDatabase: Handler = async (request, { state, save, runtime, now }) => {
  const account = param(request, "account");
  const body = objectBody(request);
  const { name } = body;
  if (typeof name !== "string" || name === "") throw new ApiError("DATABASE_INVALID", "Invalid property: name");
  if (state.databases.some((other) => other.account === account && other.name === name)) {
    throw new ApiError("DATABASE_EXISTS");
  }
  const database = {
    account,
    uuid: uuid(),
    name,
    created_at: now().toISOString(),
    options: picked(checkedOptions(body), OPTIONS),
  };
  state.databases.push(database);
  runtime.outdate();
  await save();
  return ok(shown(database));
};

export const listDatabases: Handler = (request, { state }) => {
  const name = request.query.get("name");
  const found = state.databases
    .filter(({ account }) => account === param(request, "account"))
    .filter((database) => name === null || database.name.includes(name));
  return page(found.map(shown), request, 100, 10_000);
};

export const getDatabase: Handler = (request, emulation) => ok(shown(databaseOf(request, emulation)));

/** @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/update/ */
export const putDatabase: Handler = async (request, emulation) => {
  const database = databaseOf(request, emulation);
  const { read_replication: replication } = checkedOptions(objectBody(request));
  if (replication !== undefined) database.options = { ...database.options, read_replication: replication };
  await emulation.save();
  return ok(shown(database));
};

export const deleteDatabase: Handler = async (request, emulation) => {
  const database = databaseOf(request, emulation);
  emulation.state.databases = emulation.state.databases.filter((other) => other !== database);
  emulation.runtime.outdate();
  await emulation.save();
  return ok(null);
};

function checkedOptions(body: JsonObject): JsonObject {
  const { read_replication: replication } = body;
  if (replication === undefined || isObject(replication)) return body;
  const got = replication === null ? "null" : typeof replication;
  throw new ApiError("DATABASE_INVALID", `Invalid property: read_replication => Expected object, received ${got}`);
}

function databaseOf(request: ApiRequest, { state }: Emulation): DatabaseRecord {
  const account = param(request, "account");
  const wanted = param(request, "database");
  const found = state.databases.find((database) => database.account === account && database.uuid === wanted);
  if (found === undefined) throw new ApiError("DATABASE_NOT_FOUND");
  return found;
}

function shown({ uuid: id, name, created_at, options }: DatabaseRecord): object {
  return { uuid: id, name, version: "production", created_at, num_tables: 0, file_size: 0, ...options };
}
