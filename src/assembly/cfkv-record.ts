/** The version of the block that this package writes; it reads no newer one. */
export const CFKV_VERSION = 1;

/**
 * The `cfkv` block of a stack's `//` metadata, which Terraform ignores: what no attribute can hold. The constructs write
 * it and this part reads it; both by these types, so that a field that one of them lacks does not compile.
 */
export interface CfkvRecord extends Partial<CfkvEnvironment> {
  readonly version: number;
  /** By logical id, or by namespace id for namespaces that are referred to by it. */
  readonly namespaces: Readonly<Record<string, CfkvNamespace>>;
  /** By logical id; for code, that of the script or version. */
  readonly workers: Readonly<Record<string, CfkvWorker>>;
  /** What its author has named to be deleted. */
  readonly deleted?: readonly string[];
}

/** Which environment of an EnvironmentSet a stack is. */
export interface CfkvEnvironment {
  readonly app: string;
  readonly environment: string;
  readonly developer?: string;
  readonly protected: boolean;
}

/** What is known of a namespace beyond Terraform's attributes. */
export interface CfkvNamespace {
  /** Of one that Terraform looks up by its name. */
  readonly namespaceName?: string;
  readonly ttlSeconds?: number;
  readonly description?: string;
  /** How its EnvironmentSet calls it. */
  readonly binding?: string;
  /** Paths relative to the stack's folder. */
  readonly seed?: readonly string[];
}

/** What is known of a Worker beyond Terraform's attributes. */
export interface CfkvWorker {
  /** The Terraform variable of each secret. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How the code of a script or of a version was bundled, where it was. */
  readonly bundle?: CfkvBundle;
  /** The migrations of databases, by binding. */
  readonly migrations?: Readonly<Record<string, CfkvMigrations>>;
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
  /** All files that went in, sorted; without those of packages, whose places differ between machines. */
  readonly inputs: readonly string[];
}
