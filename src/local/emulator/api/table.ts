import * as accounts from "./accounts.js";
import * as assets from "./assets.js";
import * as d1 from "./d1.js";
import * as deployments from "./deployments.js";
import type { Handler } from "../emulation.js";
import { ApiError } from "./errors.js";
import * as bulk from "./kv-bulk.js";
import * as namespaces from "./kv-namespaces.js";
import * as values from "./kv-values.js";
import * as extras from "./script-triggers.js";
import * as scripts from "./scripts.js";
import * as versions from "./versions.js";
import * as workers from "./workers.js";
import * as zones from "./zones.js";

const KV = "/accounts/:account/storage/kv/namespaces";
const SCRIPT = "/accounts/:account/workers/scripts/:script";
const WORKERS = "/accounts/:account/workers/workers";
const ROUTES = "/zones/:zone/workers/routes";
const DOMAINS = "/accounts/:account/workers/domains";
const D1 = "/accounts/:account/d1/database";

/** Every route of the API that is served. */
export const API_TABLE: readonly (readonly [method: string, pattern: string, handler: Handler])[] = [
  ["GET", "/user", accounts.getUser],
  ["GET", "/user/tokens/verify", accounts.verifyToken],
  ["GET", "/accounts", accounts.listAccounts],
  ["GET", "/accounts/:account", accounts.getAccount],
  ["GET", "/accounts/:account/tokens/verify", accounts.verifyToken],
  ["GET", "/memberships", accounts.listMemberships],

  ["GET", KV, namespaces.listNamespaces],
  ["POST", KV, namespaces.createNamespace],
  ["GET", `${KV}/:namespace`, namespaces.getNamespace],
  ["PUT", `${KV}/:namespace`, namespaces.renameNamespace],
  ["DELETE", `${KV}/:namespace`, namespaces.deleteNamespace],
  ["GET", `${KV}/:namespace/keys`, values.listKeys],
  ["GET", `${KV}/:namespace/values/:key`, values.getValue],
  ["PUT", `${KV}/:namespace/values/:key`, values.putValue],
  ["DELETE", `${KV}/:namespace/values/:key`, values.deleteValue],
  ["GET", `${KV}/:namespace/metadata/:key`, values.getMetadata],
  ["PUT", `${KV}/:namespace/bulk`, bulk.bulkPut],
  ["DELETE", `${KV}/:namespace/bulk`, bulk.bulkDelete],
  ["POST", `${KV}/:namespace/bulk/delete`, bulk.bulkDelete],
  ["POST", `${KV}/:namespace/bulk/get`, bulk.bulkGet],

  ["GET", "/accounts/:account/workers/scripts", scripts.listScripts],
  ["PUT", SCRIPT, scripts.putScript],
  ["GET", SCRIPT, scripts.getScript],
  ["DELETE", SCRIPT, scripts.deleteScript],
  ["GET", `${SCRIPT}/settings`, scripts.getScriptSettings],
  ["GET", `${SCRIPT}/content/v2`, scripts.getScriptContent],
  ["GET", "/accounts/:account/workers/services/:script", scripts.getService],
  ["POST", `${SCRIPT}/assets-upload-session`, assets.startAssetsUpload],
  ["POST", "/accounts/:account/workers/assets/upload", assets.uploadAssets],
  ["GET", "/accounts/:account/workers/subdomain", accounts.getSubdomain],
  ["GET", `${SCRIPT}/subdomain`, extras.getSubdomain],
  ["POST", `${SCRIPT}/subdomain`, extras.setSubdomain],
  ["DELETE", `${SCRIPT}/subdomain`, extras.deleteSubdomain],
  ["GET", `${SCRIPT}/schedules`, extras.getSchedules],
  ["PUT", `${SCRIPT}/schedules`, extras.setSchedules],
  ["GET", `${SCRIPT}/deployments`, deployments.listDeployments],
  ["POST", `${SCRIPT}/deployments`, deployments.createDeployment],
  ["GET", `${SCRIPT}/deployments/:deployment`, deployments.getDeployment],
  ["DELETE", `${SCRIPT}/deployments/:deployment`, deployments.deleteDeployment],

  ["GET", WORKERS, workers.listWorkers],
  ["POST", WORKERS, workers.createWorker],
  ["GET", `${WORKERS}/:worker`, workers.getWorker],
  ["PUT", `${WORKERS}/:worker`, workers.putWorker],
  ["PATCH", `${WORKERS}/:worker`, workers.patchWorker],
  ["DELETE", `${WORKERS}/:worker`, workers.deleteWorker],
  ["GET", `${WORKERS}/:worker/versions`, versions.listVersions],
  ["POST", `${WORKERS}/:worker/versions`, versions.createVersion],
  ["GET", `${WORKERS}/:worker/versions/:version`, versions.getVersion],
  ["DELETE", `${WORKERS}/:worker/versions/:version`, versions.deleteVersion],

  ["GET", "/zones", zones.listZones],
  ["GET", "/zones/:zone", zones.getZone],
  ["GET", ROUTES, zones.listRoutes],
  ["POST", ROUTES, zones.createRoute],
  ["GET", `${ROUTES}/:route`, zones.getRoute],
  ["PUT", `${ROUTES}/:route`, zones.putRoute],
  ["DELETE", `${ROUTES}/:route`, zones.deleteRoute],
  ["GET", DOMAINS, zones.listDomains],
  ["PUT", DOMAINS, zones.putDomain],
  ["GET", `${DOMAINS}/:domain`, zones.getDomain],
  ["DELETE", `${DOMAINS}/:domain`, zones.deleteDomain],

  ["GET", D1, d1.listDatabases],
  ["POST", D1, d1.createDatabase],
  ["GET", `${D1}/:database`, d1.getDatabase],
  ["PUT", `${D1}/:database`, d1.putDatabase],
  ["PATCH", `${D1}/:database`, d1.putDatabase],
  ["DELETE", `${D1}/:database`, d1.deleteDatabase],
];

export interface Match {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

const TABLE = API_TABLE.map(([method, pattern, handler]) => ({ method, segments: pattern.split("/"), handler }));

/**
 * Finds the handler of a path as it was sent. The path is split first and each segment decoded once after that, so
 * that `%2F` in a key stays in the key, `%252F` is the text `%2F`, and `+` is a plus.
 */
export function matchApi(method: string, path: string): Match {
  const sent = path.split("/");
  const rows = TABLE.filter(({ segments }) => fits(segments, sent));
  if (rows.length === 0) throw new ApiError("NO_ROUTE");
  const row = rows.find((candidate) => candidate.method === method);
  if (row === undefined) throw new ApiError("METHOD_NOT_ALLOWED");
  const params = row.segments.flatMap((segment, at) =>
    segment.startsWith(":") ? [[segment.slice(1), decoded(sent[at] ?? "")] as const] : [],
  );
  return { handler: row.handler, params: Object.fromEntries(params) };
}

function fits(segments: readonly string[], sent: readonly string[]): boolean {
  if (segments.length !== sent.length) return false;
  return segments.every((segment, at) => (segment.startsWith(":") ? sent[at] !== "" : segment === sent[at]));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError("KEY_INVALID", "the path is not percent-encoded UTF-8");
  }
}
