import { createHash, randomBytes } from "node:crypto";
import type { Emulation, Handler } from "../../emulation.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, objectBody, param } from "../http.js";
import { databaseBinding, databaseOf } from "./databases.js";
import { checkedStatements, runAll } from "./query.js";

/** Hexadecimal MD5, as in the protocol. */
const ETAG = /^[0-9a-f]{32}$/;

/**
 * Imports a file of SQL: `init` returns an address for the file, `ingest` runs it, `poll` reports the outcome. Here
 * `ingest` waits for the end, so its first answer is the final one.
 *
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/import/
 */
export const importDatabase: Handler = async (request, emulation) => {
  const { action, etag, filename } = objectBody(request);
  const database = databaseOf(request, emulation);
  if (action === "init") {
    if (typeof etag !== "string" || !ETAG.test(etag)) {
      throw new ApiError("DATABASE_INVALID", "Invalid property: etag => Expected the MD5 of the file");
    }
    const name = `${etag}.${randomBytes(16).toString("hex")}.sql`;
    const path = `/client/v4/accounts/${database.account}/d1/database/${database.uuid}/import/${name}`;
    return ok({ filename: name, upload_url: `http://${request.headers.host ?? "localhost"}${path}` });
  }
  if (action === "ingest") return ok(await ingest(request, emulation, filename));
  if (action === "poll") return ok({ success: false, error: "Not currently importing anything.", messages: [] });
  throw new ApiError("DATABASE_INVALID", "Invalid property: action => Expected 'init' | 'ingest' | 'poll'");
};

/** Receives the file. The address is the credential, as with a presigned URL. */
export const uploadImport: Handler = async (request, { blobs }) => {
  const name = param(request, "filename");
  const etag = createHash("md5").update(request.body).digest("hex");
  if (!/^[0-9a-f]{32}\.[0-9a-f]{32}\.sql$/.test(name) || !name.startsWith(`${etag}.`)) {
    throw new ApiError("BODY_INVALID", "the file does not have the MD5 that was announced");
  }
  await blobs.putAs(name, request.body);
  return { status: 200, headers: { etag: `"${etag}"` }, body: "" };
};

async function ingest(request: ApiRequest, emulation: Emulation, filename: unknown): Promise<object> {
  if (typeof filename !== "string" || !/^[0-9a-f.]+\.sql$/.test(filename) || !(await emulation.blobs.has(filename))) {
    throw new ApiError("DATABASE_INVALID", "Invalid property: filename => no such file was uploaded");
  }
  const sql = new TextDecoder().decode(await emulation.blobs.get(filename));
  await emulation.blobs.remove(filename);
  const binding = await databaseBinding(databaseOf(request, emulation), emulation);
  const statements = checkedStatements(sql);
  const results = await runAll(
    binding,
    statements.map((statement) => ({ sql: statement, params: [] })),
  );
  const sum = (field: string) => results.reduce((total, { meta }) => total + Number(meta[field] ?? 0), 0);
  return {
    success: true,
    status: "complete",
    type: "import",
    messages: [],
    at_bookmark: "local",
    result: {
      num_queries: statements.length,
      final_bookmark: "local",
      meta: {
        ...results.at(-1)?.meta,
        duration: sum("duration"),
        rows_read: sum("rows_read"),
        rows_written: sum("rows_written"),
      },
    },
  };
}
