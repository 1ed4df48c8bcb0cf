/**
 * Errors of Cloudflare's API by name: HTTP status, Cloudflare's code, and its message if known.
 *
 * @see https://developers.cloudflare.com/api/
 */
export const API_ERRORS = {
  AUTHENTICATION: [400, 10000, "Authentication error"],
  FORBIDDEN: [403, 9109, "this request is not allowed"],
  NO_ROUTE: [404, 7003, "Could not route to this path, perhaps your object identifier is invalid?"],
  METHOD_NOT_ALLOWED: [405, 7001, "Method not available for this path"],
  BODY_INVALID: [400, 10001, "could not parse request body"],
  BODY_TOO_LARGE: [413, 10030, "the request body is too large"],
  INTERNAL: [500, 10001, "internal error"],
  RATE_LIMITED: [429, 10100, "Rate limit reached"],
  PAGE_INVALID: [400, 10003, "invalid page or per_page"],

  KEY_NOT_FOUND: [404, 10009, "get: 'key not found'"],
  BULK_TOO_MANY: [400, 10012, "bulk: too many entries"],
  NAMESPACE_NOT_FOUND: [404, 10013, "namespace not found"],
  NAMESPACE_EXISTS: [400, 10014, "a namespace with this account ID and title already exists"],
  NAMESPACES_TOO_MANY: [400, 10018, "the limit of namespaces in this account has been reached"],
  NAMESPACE_TITLE_INVALID: [400, 10019, "namespace title must have 1 to 512 characters"],
  KEY_INVALID: [400, 10022, "invalid key name"],
  KEY_TOO_LONG: [414, 10029, "key name is too long"],
  VALUE_TOO_LARGE: [413, 10033, "value is too large"],
  METADATA_INVALID: [400, 10023, "invalid metadata"],
  METADATA_TOO_LARGE: [413, 10034, "metadata is too large"],
  EXPIRATION_INVALID: [400, 10024, "invalid expiration"],
  LIST_INVALID: [400, 10025, "invalid list options"],
  NAMESPACE_IN_USE: [400, 10052, "namespace has associated scripts"],

  SCRIPT_NOT_FOUND: [404, 10007, "This Worker does not exist on your account."],
  SCRIPT_INVALID: [400, 10021, "the script cannot be run"],
  SCRIPT_TYPE: [
    415,
    10001,
    "Content-Type must be one of: application/javascript, text/javascript, multipart/form-data",
  ],
  SCRIPT_NAME_INVALID: [400, 10016, "invalid Worker name"],
  SCRIPT_IN_USE: [400, 10065, "this Worker is still referenced by other Workers"],
  WORKER_EXISTS: [400, 10039, "a Worker with this name already exists"],
  VERSION_NOT_FOUND: [404, 10045, "version not found"],
  NO_VERSIONS: [404, 10222, "this Worker has no versions"],
  VERSION_NOT_DEPLOYED: [400, 10215, "the latest version of this Worker is not deployed"],
  VERSION_WITH_MIGRATION: [
    400,
    10211,
    "Version upload failed. You attempted to upload a version of a Worker that includes a Durable Object migration, but migrations must be fully applied by running `wrangler deploy`.",
  ],
  DEPLOYMENT_NOT_FOUND: [404, 10046, "deployment not found"],
  DEPLOYMENT_INVALID: [400, 10047, "invalid deployment"],
  SCHEDULE_INVALID: [400, 10048, "invalid cron"],
  TAIL_UNSUPPORTED: [
    501,
    10501,
    "the local emulator has no live logs: what Workers print is on the output of `cfkv emulator`",
  ],

  BINDING_NAME_TAKEN: [400, 10053, "Binding name already in use. Please use a different name and try again."],
  TEXT_TOO_LARGE: [400, 10054, "text binding is too large"],
  BINDING_NOT_FOUND: [404, 10056, "binding not found"],
  INHERIT_INVALID: [400, 10057, "the binding to inherit does not exist on the previous version"],
  BOUND_NAMESPACE_NOT_FOUND: [400, 10041, "KV namespace not found"],
  BOUND_DATABASE_NOT_FOUND: [400, 10181, "D1 database not found"],
  BOUND_SERVICE_NOT_FOUND: [400, 10143, "Worker not found"],
  CLASS_NOT_CONFIGURED: [400, 10061, "the class is not configured to implement Durable Objects"],
  CLASS_EXISTS: [400, 10074, "the class is already depended on by existing Durable Objects"],
  MIGRATION_TAG: [412, 10079, "Migration tag precondition failed"],

  ROUTE_NOT_FOUND: [404, 10005, "route not found"],
  ROUTE_EXISTS: [409, 10020, "a route with the same pattern already exists"],
  ROUTE_INVALID: [400, 10082, "invalid route pattern"],
  DOMAIN_NOT_FOUND: [404, 100114, "custom domain not found"],
  DOMAIN_INVALID: [400, 100115, "invalid custom domain"],
  ASSETS_SESSION_INVALID: [400, 10021, "unknown or finished upload session of assets"],

  DATABASE_NOT_FOUND: [404, 7404, "The database could not be found"],
  DATABASE_EXISTS: [400, 7502, "A database with that name already exists"],
  DATABASE_INVALID: [400, 7400, "Invalid property"],
  QUERY_FAILED: [400, 7500, "the query failed"],
} as const satisfies Record<string, readonly [status: number, code: number, message: string]>;

export type ApiErrorName = keyof typeof API_ERRORS;

/** An error to return to the client. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(error: ApiErrorName, message?: string) {
    const [status, code, words] = API_ERRORS[error];
    super(message ?? words);
    this.status = status;
    this.code = code;
  }
}
