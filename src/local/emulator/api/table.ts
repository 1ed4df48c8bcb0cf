import type { UsageCount } from "../../engine/usage-count.js";
import type { Handler } from "../emulation.js";
import * as accounts from "./accounts.js";
import * as databases from "./d1/databases.js";
import * as d1Import from "./d1/import.js";
import * as d1Query from "./d1/query.js";
import { graphql } from "./graphql/graphql.js";
import * as domains from "./domains.js";
import * as bulk from "./kv/bulk.js";
import * as namespaces from "./kv/namespaces.js";
import * as values from "./kv/values.js";
import * as routes from "./routes.js";
import * as scriptRoutes from "./script-routes.js";
import * as assets from "./scripts/assets.js";
import * as content from "./scripts/content.js";
import * as deployments from "./scripts/deployments.js";
import * as scripts from "./scripts/scripts.js";
import * as secrets from "./scripts/secrets.js";
import * as services from "./scripts/services.js";
import * as settings from "./scripts/settings.js";
import * as triggers from "./scripts/triggers.js";
import * as scriptVersions from "./scripts/versions.js";
import * as versions from "./workers/versions.js";
import * as workers from "./workers/workers.js";
import * as zones from "./zones.js";

/** One route of the API that is served. */
export interface ApiRoute {
  readonly method: string;
  /** Segments that begin with a colon are parameters. */
  readonly pattern: string;
  readonly handler: Handler;
  /** The largest body it accepts, in bytes. */
  readonly maxBody: number;
  /** Query parameters that are read, for the documentation. */
  readonly query: readonly string[];
  /** The kind of operation on entries that it is billed as. */
  readonly counts?: UsageCount["action"];
  /** The path itself is the credential, as with a presigned URL. */
  readonly withoutToken: boolean;
}

/** Routes that the documentation groups together. */
export interface RouteGroup {
  readonly name: string;
  readonly routes: readonly ApiRoute[];
}

const JSON_BODY = 1_000_000;
/** A value of 25 MiB in a form, with its metadata. */
const VALUE_BODY = 27_000_000;
/** 100 MB, and the overhead of a request of exactly that size. */
const BULK_BODY = 110_000_000;
/** Code, its modules and source maps, or the files of one bucket of assets. */
const UPLOAD_BODY = 110_000_000;

type Row = readonly [method: string, pattern: string, handler: Handler, options?: Partial<ApiRoute>];

const KV = "/accounts/:account/storage/kv/namespaces";
const SCRIPTS = "/accounts/:account/workers/scripts";
const SCRIPT = `${SCRIPTS}/:script`;
const SERVICE = "/accounts/:account/workers/services/:script";
const WORKERS = "/accounts/:account/workers/workers";
const ROUTES = "/zones/:zone/workers/routes";
const DOMAINS = "/accounts/:account/workers/domains";
const D1 = "/accounts/:account/d1/database";

const PAGES = { query: ["page", "per_page"] };

/** Every route of the API that is served, in the order of the documentation. */
export const ROUTE_GROUPS: readonly RouteGroup[] = [
  group("account", [
    ["GET", "/user", accounts.getUser],
    ["GET", "/user/tokens/verify", accounts.verifyToken],
    ["GET", "/accounts", accounts.listAccounts, PAGES],
    ["GET", "/accounts/:account", accounts.getAccount],
    ["GET", "/accounts/:account/tokens/verify", accounts.verifyToken],
    ["GET", "/memberships", accounts.listMemberships, PAGES],
  ]),
  group("namespaces", [
    ["GET", KV, namespaces.listNamespaces, { query: ["page", "per_page", "order", "direction"] }],
    ["POST", KV, namespaces.createNamespace],
    ["GET", `${KV}/:namespace`, namespaces.getNamespace],
    ["PUT", `${KV}/:namespace`, namespaces.renameNamespace],
    ["DELETE", `${KV}/:namespace`, namespaces.deleteNamespace],
  ]),
  group("keys", [
    ["GET", `${KV}/:namespace/keys`, values.listKeys, { query: ["limit", "prefix", "cursor"], counts: "list" }],
    ["GET", `${KV}/:namespace/values/:key`, values.getValue, { counts: "read" }],
    [
      "PUT",
      `${KV}/:namespace/values/:key`,
      values.putValue,
      { maxBody: VALUE_BODY, query: ["expiration", "expiration_ttl"], counts: "write" },
    ],
    ["DELETE", `${KV}/:namespace/values/:key`, values.deleteValue, { counts: "delete" }],
    ["GET", `${KV}/:namespace/metadata/:key`, values.getMetadata, { counts: "read" }],
  ]),
  group("bulk", [
    ["PUT", `${KV}/:namespace/bulk`, bulk.bulkPut, { maxBody: BULK_BODY, counts: "write" }],
    ["DELETE", `${KV}/:namespace/bulk`, bulk.bulkDelete, { maxBody: BULK_BODY, counts: "delete" }],
    ["POST", `${KV}/:namespace/bulk/delete`, bulk.bulkDelete, { maxBody: BULK_BODY, counts: "delete" }],
    ["POST", `${KV}/:namespace/bulk/get`, bulk.bulkGet, { counts: "read" }],
  ]),
  group("analytics", [["POST", "/graphql", graphql]]),
  group("scripts", [
    ["GET", SCRIPTS, scripts.listScripts],
    ["PUT", SCRIPT, scripts.putScript, { maxBody: UPLOAD_BODY, query: ["bindings_inherit"] }],
    ["GET", SCRIPT, content.getScriptContent],
    ["DELETE", SCRIPT, scripts.deleteScript, { query: ["force"] }],
    ["GET", `${SCRIPT}/content/v2`, content.getScriptContent, { query: ["version"] }],
    ["GET", `${SCRIPT}/settings`, settings.getSettings],
    ["PATCH", `${SCRIPT}/settings`, settings.patchSettings],
    ["GET", `${SCRIPT}/script-settings`, settings.getScriptSettings],
    ["PATCH", `${SCRIPT}/script-settings`, settings.patchScriptSettings],
    ["GET", `${SCRIPT}/references`, scripts.getReferences],
    ["GET", "/accounts/:account/workers/tails/by-consumer/:script", scripts.listTailProducers],
    ["POST", `${SCRIPT}/tails`, scripts.startTail],
    ["GET", SERVICE, services.getService],
    ["DELETE", SERVICE, scripts.deleteScript, { query: ["force"] }],
    ["GET", `${SERVICE}/environments/:environment`, services.getServiceEnvironment],
    ["GET", "/accounts/:account/workers/durable_objects/namespaces", services.listDurableObjects, PAGES],
  ]),
  group("secrets", [
    ["GET", `${SCRIPT}/secrets`, secrets.listSecrets],
    ["PUT", `${SCRIPT}/secrets`, secrets.putSecret],
    ["PATCH", `${SCRIPT}/secrets-bulk`, secrets.patchSecrets],
    ["GET", `${SCRIPT}/secrets/:secret`, secrets.getSecret],
    ["DELETE", `${SCRIPT}/secrets/:secret`, secrets.deleteSecret],
  ]),
  group("versions of a script", [
    ["GET", `${SCRIPT}/versions`, scriptVersions.listScriptVersions, { query: ["deployable", "page", "per_page"] }],
    [
      "POST",
      `${SCRIPT}/versions`,
      scriptVersions.createScriptVersion,
      { maxBody: UPLOAD_BODY, query: ["bindings_inherit"] },
    ],
    ["GET", `${SCRIPT}/versions/:version`, scriptVersions.getScriptVersion],
    ["GET", `${SCRIPT}/deployments`, deployments.listDeployments],
    ["POST", `${SCRIPT}/deployments`, deployments.createDeployment],
    ["GET", `${SCRIPT}/deployments/:deployment`, deployments.getDeployment],
    ["DELETE", `${SCRIPT}/deployments/:deployment`, deployments.deleteDeployment],
  ]),
  group("triggers of a script", [
    ["GET", `${SCRIPT}/subdomain`, triggers.getScriptSubdomain],
    ["POST", `${SCRIPT}/subdomain`, triggers.setSubdomain],
    ["DELETE", `${SCRIPT}/subdomain`, triggers.deleteSubdomain],
    ["GET", `${SCRIPT}/schedules`, triggers.getSchedules],
    ["PUT", `${SCRIPT}/schedules`, triggers.setSchedules],
    ["GET", `${SCRIPT}/routes`, scriptRoutes.listScriptRoutes],
    ["PUT", `${SCRIPT}/routes`, scriptRoutes.putScriptRoutes],
    ["POST", `${SCRIPT}/domains/changeset`, domains.domainChangeset],
    ["PUT", `${SCRIPT}/domains/records`, domains.putScriptDomains],
  ]),
  group("assets", [
    ["POST", `${SCRIPT}/assets-upload-session`, assets.startAssetsUpload, { maxBody: UPLOAD_BODY }],
    [
      "POST",
      "/accounts/:account/workers/assets/upload",
      assets.uploadAssets,
      { maxBody: UPLOAD_BODY, query: ["base64"] },
    ],
  ]),
  group("Workers", [
    ["GET", WORKERS, workers.listWorkers, PAGES],
    ["POST", WORKERS, workers.createWorker],
    ["GET", `${WORKERS}/:worker`, workers.getWorker],
    ["PUT", `${WORKERS}/:worker`, workers.putWorker],
    ["PATCH", `${WORKERS}/:worker`, workers.patchWorker],
    ["DELETE", `${WORKERS}/:worker`, workers.deleteWorker],
    ["GET", `${WORKERS}/:worker/versions`, versions.listVersions, PAGES],
    ["POST", `${WORKERS}/:worker/versions`, versions.createVersion, { maxBody: UPLOAD_BODY, query: ["deploy"] }],
    ["PATCH", `${WORKERS}/:worker/versions/latest`, versions.patchLatestVersion],
    ["GET", `${WORKERS}/:worker/versions/:version`, versions.getVersion, { query: ["include"] }],
    ["DELETE", `${WORKERS}/:worker/versions/:version`, versions.deleteVersion],
  ]),
  group("routes and domains", [
    ["GET", ROUTES, routes.listRoutes, PAGES],
    ["POST", ROUTES, routes.createRoute],
    ["GET", `${ROUTES}/:route`, routes.getRoute],
    ["PUT", `${ROUTES}/:route`, routes.putRoute],
    ["DELETE", `${ROUTES}/:route`, routes.deleteRoute],
    ["GET", DOMAINS, domains.listDomains, { query: ["hostname", "service", "zone_id", "zone_name", "environment"] }],
    ["PUT", DOMAINS, domains.putDomain],
    ["GET", `${DOMAINS}/records/:domain`, domains.getDomain],
    ["GET", `${DOMAINS}/:domain`, domains.getDomain],
    ["DELETE", `${DOMAINS}/:domain`, domains.deleteDomain],
  ]),
  group("zones", [
    ["GET", "/zones", zones.listZones, { query: ["name", "account.id", "page", "per_page"] }],
    ["GET", "/zones/:zone", zones.getZone],
    ["GET", "/accounts/:account/workers/subdomain", accounts.getSubdomain],
  ]),
  group("D1", [
    ["GET", D1, databases.listDatabases, { query: ["name", "page", "per_page"] }],
    ["POST", D1, databases.createDatabase],
    ["GET", `${D1}/:database`, databases.getDatabase, { query: ["fields"] }],
    ["PUT", `${D1}/:database`, databases.putDatabase],
    ["PATCH", `${D1}/:database`, databases.putDatabase],
    ["DELETE", `${D1}/:database`, databases.deleteDatabase],
    ["POST", `${D1}/:database/query`, d1Query.queryDatabase, { maxBody: BULK_BODY }],
    ["POST", `${D1}/:database/raw`, d1Query.rawDatabase, { maxBody: BULK_BODY }],
    ["POST", `${D1}/:database/import`, d1Import.importDatabase],
    ["PUT", `${D1}/:database/import/:filename`, d1Import.uploadImport, { maxBody: UPLOAD_BODY, withoutToken: true }],
  ]),
];

function group(name: string, rows: readonly Row[]): RouteGroup {
  return {
    name,
    routes: rows.map(([method, pattern, handler, options]) => {
      return { method, pattern, handler, maxBody: JSON_BODY, query: [], withoutToken: false, ...options };
    }),
  };
}
