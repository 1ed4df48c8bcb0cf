/** The version of the block that this package writes; newer ones are refused. */
export const CFKV_VERSION = 1;

/**
 * The `cfkv` block of a stack's `//` metadata, which Terraform ignores: what no attribute can hold. The constructs
 * write it and this part reads it; both with these types, so that a field that one of them lacks does not compile.
 */
export interface CfkvRecord extends Partial<CfkvEnvironment> {
  readonly version: number;
  /** By logical id, or by namespace id for namespaces that are referred to by it. */
  readonly namespaces: Readonly<Record<string, CfkvNamespace>>;
  /** By logical id; for code, that of the script or version. */
  readonly workers: Readonly<Record<string, CfkvWorker>>;
  /** Scripts that wrangler deploys, with the attributes that a `cloudflare_workers_script` would have, by logical id. */
  readonly scripts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What its author listed to be deleted. */
  readonly deleted?: readonly string[];
}

/** Which environment of an EnvironmentSet a stack is. */
export interface CfkvEnvironment {
  readonly app: string;
  readonly environment: string;
  readonly developer?: string;
  readonly protected: boolean;
}

/** What is known about a namespace beyond Terraform's attributes. */
export interface CfkvNamespace {
  /** For a namespace that Terraform looks up by name. */
  readonly namespaceName?: string;
  readonly ttlSeconds?: number;
  readonly description?: string;
  /** Its names in its EnvironmentSet. */
  readonly binding?: string;
  /** Paths relative to the stack's folder. */
  readonly seed?: readonly string[];
  /** What is stored under keys of a form, by pattern. */
  readonly keys?: Readonly<Record<string, string>>;
  /** The TypeScript type of its values, `./src/types#Session`: a file is relative to the working directory of the app. */
  readonly value?: string;
  /** How much it is used, by part and field. */
  readonly workload?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What is known about a Worker beyond Terraform's attributes. */
export interface CfkvWorker {
  /** Its name in the `workers` of its EnvironmentSet. */
  readonly key?: string;
  /** Who deploys the script, if it is not Terraform. */
  readonly deployedBy?: "wrangler";
  /** The Terraform variable of each secret. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How the code of a script or a version was bundled, if it was. */
  readonly bundle?: CfkvBundle;
  /** The migrations of databases, by binding. */
  readonly migrations?: Readonly<Record<string, CfkvMigrations>>;
  /** The file that the code was taken from, where it was built before; relative like the paths of {@link CfkvBundle}. */
  readonly file?: string;
  /** The folder of its static assets, of which the assembly has a copy; relative in the same way. */
  readonly assets?: string;
}

/** Files of SQL that are applied to a database once. */
export interface CfkvMigrations {
  /** The folder in the assembly, relative to the stack's. */
  readonly directory: string;
  /** The folder that it was copied from, relative to the working directory of the app, with forward slashes. */
  readonly folder: string;
}

/** Where bundled code comes from. Paths are relative to the working directory of the app, with forward slashes. */
export interface CfkvBundle {
  readonly entry: string;
  readonly minify?: boolean;
  readonly sourceMap?: boolean;
  readonly define?: Readonly<Record<string, string>>;
  /** All source files, sorted; without those of packages, whose paths differ between machines. */
  readonly inputs: readonly string[];
}
