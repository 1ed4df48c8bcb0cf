/**
 * Every code of an error that is thrown on purpose, with what it means. A code never changes once released: test for
 * it, look it up in docs/errors.md. The runtime library has codes of its own, as it imports nothing from here.
 */
export const ERROR_CODES = {
  APP_FAILED: "the command of cdktf.json failed",
  APP_MISSING: "there is no cdktf.json, or it names no app",
  APP_WROTE_NOTHING: "the app ran, but did not synthesize",
  ASSEMBLY_BROKEN: "a file of the assembly is missing or cannot be read",
  ASSEMBLY_FOREIGN: "the folder is not what cdktf writes",
  ASSEMBLY_HCL: "the assembly was written as HCL, which is not supported",
  ASSEMBLY_MISSING: "there is no assembly",
  ASSEMBLY_NEWER: "the assembly was written by a newer version of this package",
  CLOUDFLARE_ACCOUNT_MISSING: "the account id is missing or malformed",
  CLOUDFLARE_BASE_URL_INVALID: "CLOUDFLARE_BASE_URL is not a usable address",
  CLOUDFLARE_FORBIDDEN: "the token is not valid, or lacks a permission",
  CLOUDFLARE_RATE_LIMITED: "the rate limit of Cloudflare's API was reached, and waiting did not help",
  CLOUDFLARE_REFUSED: "Cloudflare refused the request, for the reason shown",
  CLOUDFLARE_TOKEN_MISSING: "CLOUDFLARE_API_TOKEN is not set, or is not a token",
  CLOUDFLARE_UNAVAILABLE: "Cloudflare kept returning server errors",
  CLOUDFLARE_UNREACHABLE: "Cloudflare did not answer",
  CLOUDFLARE_UNREADABLE: "the response does not come from Cloudflare's API",
  COPY_KEYS_INVALID: "two keys would be mapped to one, or a mapped key is not valid",
  COPY_RECORD_OTHER: "the interrupted copy had other namespaces or options",
  CREDENTIAL_VARIABLE_MISSING: "a credential refers to an environment variable that is not set",
  DATA_FOLDER_IN_USE: "another process uses the folder",
  DATABASE_NOT_FOUND: "the account has no such database",
  ENGINE_FAILED: "OpenTofu or Terraform ended with an error",
  ENGINE_INTERRUPTED: "OpenTofu or Terraform was interrupted",
  ENGINE_MISSING: "neither OpenTofu nor Terraform is installed, or the program that is named is neither",
  ENGINE_STOPPED: "the engine was used before `apply()` or after `dispose()`",
  ENTRIES_INVALID: "files of entries have problems; each is listed with its position",
  ENTRY_INVALID: "a key, value, metadata or expiration breaks a rule of KV",
  EXPORT_RECORD_OTHER: "the interrupted export had another namespace, prefix or format",
  FAULTS_INVALID: "the specification of faults is not valid",
  FILE_EXISTS: "the file exists already, and this command only writes new ones",
  FILE_NOT_GENERATED: "the file was not written by this command, so it is not replaced",
  FILE_UNWRITABLE: "a file cannot be written",
  INVALID_MANIFEST: "a manifest has problems; each is listed with its position",
  INVALID_PROPS: "a construct's props break rules; all of them are listed",
  JOURNAL_BROKEN: "the record of an interrupted run is damaged, or belongs to another run",
  KEY_NOT_FOUND: "the namespace has no such key",
  LOCAL_KV_REFUSED: "the local KV refused the operation, for the reason shown",
  LOCK_BROKEN: "cfkv.lock.json cannot be read: it is damaged, or holds a merge conflict",
  LOCK_CONFLICT: "the definitions contradict cfkv.lock.json",
  MIGRATION_FAILED: "a migration of a database failed, and nothing of its file was applied",
  MINIFLARE_MISSING: "the optional package miniflare is not installed",
  MIXED_CORES: "a stack and the constructs come from different copies of cdktf",
  NAMESPACE_BOUND: "a Worker still binds the namespace",
  NAMESPACE_IN_USE: "the namespace holds keys, or a Worker binds it",
  NAMESPACE_MANAGED: "Terraform manages the namespace, so it is changed in its stack",
  NAMESPACE_NAME_INVALID: "the namespace's name is not valid",
  NAMESPACE_NAME_TAKEN: "the account already has a namespace of this name",
  NAMESPACE_NOT_FOUND: "the account has no such namespace",
  NAMESPACE_NOT_IN_STACK: "the stack has no such namespace",
  NAMESPACE_UNKNOWN: "the engine has no such namespace",
  NOT_CONFIRMED: "confirmation was required and not given",
  OUTPUT_SENSITIVE: "the output is sensitive, so it is not printed",
  OUTPUT_UNKNOWN: "the stack has no such output, or is not deployed",
  PLAN_INVALID: "the file is not a Terraform plan in JSON",
  PLAN_REFUSED: "the plan deletes what is protected or holds keys, so it is not applied",
  NO_RESOURCE: "wrangler deploys the Worker, so Terraform has no resource of it",
  PORT_IN_USE: "another program listens on the port",
  PORT_REFUSED: "the system refuses to open the port",
  PREVIEWS_UNKNOWN: "the app has no environment of previews, or their names do not differ",
  PROJECT_BROKEN: "cdktf.json cannot be read",
  PROTECTED_FROM_DESTROY: "the stack, or something in it, is protected, so it is not destroyed",
  PROTECTED_GONE:
    "a protected namespace, database or Worker is no longer defined, and is not listed as renamed, retired or deleted",
  QUERY_FAILED: "a database refused a statement",
  RUN_IN_PROGRESS: "another process is already doing the same run",
  RUNTIME_ENDED: "workerd ended unexpectedly",
  SEED_FILE_CHANGED: "a file changed after the interrupted run started",
  SEED_FILE_UNKNOWN: "the file extension is not a supported entry format",
  SEED_FILE_UNREADABLE: "a file of entries cannot be read",
  SEED_JOURNAL_OTHER: "the interrupted run had other files or options",
  SEED_PRUNE_EMPTY: "pruning by files without entries would delete every key",
  STACK_NOT_CHOSEN: "several stacks match",
  STACK_UNKNOWN: "the assembly has no such stack",
  STATE_UNREADABLE: "the emulator's state was not written by this version",
  UNKNOWN_BINDING: "the environment has no namespace, or the Worker no database, with this binding",
  UNKNOWN_ENVIRONMENT: "the set has no such environment or developer",
  UNKNOWN_NAMESPACE: "the manifest has no such namespace",
  UNKNOWN_WORKER: "the environment has no Worker with this name",
  USAGE: "the command line is invalid",
  VALUE_NOT_TEXT: "the value is binary and cannot be printed",
  VARIABLE_MISSING: "a Terraform variable of the stack has no value",
  WORKER_NOT_BUNDLED: "a Worker's sources cannot be bundled, for the reason shown",
  WORKER_NOT_CHOSEN: "the stack has no such Worker, or several and none is named",
  WORKER_NOT_STARTED: "workerd refused the Worker, for the reason shown",
  WORKER_UNKNOWN: "no such Worker runs locally",
  WRANGLER_CONFIG_INVALID: "wrangler's configuration has problems; each is listed with its position",
  WRANGLER_CONFIG_MISSING: "no configuration of wrangler was found",
} as const;

/** The stable name of an error. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Every error this package throws on purpose. No type parameter: `instanceof` would make it, and `error.code`, any. */
export class CodedError extends Error {
  override readonly name: string = "CodedError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Props that Cloudflare or Terraform would reject, found before anything is deployed. */
export class ValidationError extends CodedError {
  override readonly name = "ValidationError";
  declare readonly code: "INVALID_PROPS";

  constructor(
    /** One message for each broken rule. */
    readonly problems: readonly string[],
    /** The construct, as in `KvNamespace at 'shop-prod/Sessions'`. */
    readonly where: string,
  ) {
    super("INVALID_PROPS", `${where}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** An error with a way out. */
abstract class HintedError<Code extends ErrorCode> extends CodedError {
  declare readonly code: Code;

  constructor(
    code: Code,
    message: string,
    /** The command or edit that helps. */
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** Something in the caller's files or arguments is wrong; nothing was changed. Exit code 1, or 2 for wrong usage. */
export class InputError<Code extends ErrorCode = ErrorCode> extends HintedError<Code> {
  override readonly name = "InputError";
}

/** Cloudflare, the network or another program refused. Exit code 3. */
export class ServiceError<Code extends ErrorCode = ErrorCode> extends HintedError<Code> {
  override readonly name = "ServiceError";
}
