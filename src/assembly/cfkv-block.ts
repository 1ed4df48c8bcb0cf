import { InputError } from "../errors.js";
import {
  CFKV_VERSION,
  type CfkvBundle,
  type CfkvEnvironment,
  type CfkvMigrations,
  type CfkvNamespace,
  type CfkvWorker,
} from "./cfkv-record.js";
import { isObject, type JsonObject } from "../values/json.js";
import type { CodeSource } from "./model.js";

/** The content of the block; empty maps for a hand-written stack. */
export interface CfkvBlock extends Partial<CfkvEnvironment> {
  readonly namespaces: ReadonlyMap<string, CfkvNamespace>;
  /** Scripts that wrangler deploys, by logical id. */
  readonly scripts: ReadonlyMap<string, JsonObject>;
  /** How code was bundled, by the logical id of its script or version. */
  readonly bundles: ReadonlyMap<string, CodeSource>;
  /** The migrations of databases, by logical id of the Worker and binding. */
  readonly migrations: ReadonlyMap<string, ReadonlyMap<string, CfkvMigrations>>;
  /** A Worker's name in its set, and where its parts come from, by the logical id of its script, worker or version. */
  readonly workers: ReadonlyMap<string, CfkvOrigin>;
}

/**
 * Reads the `cfkv` block of a stack file. A stack without one was written by hand and has no notes.
 *
 * @throws InputError `ASSEMBLY_NEWER` for a block of a newer version, `ASSEMBLY_BROKEN` for an invalid one
 */
export function readCfkvBlock(comment: unknown, file: string): CfkvBlock {
  const block = isObject(comment) ? comment["cfkv"] : undefined;
  if (block === undefined) {
    return { namespaces: new Map(), scripts: new Map(), bundles: new Map(), migrations: new Map(), workers: new Map() };
  }

  const reader = new BlockReader(file);
  const fields = reader.object(block, "cfkv");
  const version = reader.number(fields, "version", "cfkv");
  if (version === undefined || version > CFKV_VERSION) {
    throw new InputError(
      "ASSEMBLY_NEWER",
      `${file} was written by a newer cdktf-cloudflare-kv: its cfkv block must have version ${CFKV_VERSION}, got '${version ?? "none"}'`,
      "update this package (npm install cdktf-cloudflare-kv@latest), or synthesize again with this one: cfkv synth",
    );
  }

  const workers = Object.entries(reader.object(fields["workers"] ?? {}, "cfkv.workers"));
  const notes = Object.entries(reader.object(fields["namespaces"] ?? {}, "cfkv.namespaces"));
  return {
    ...reader.fields<CfkvEnvironment>(fields, "cfkv", ENVIRONMENT),
    namespaces: new Map(
      notes.map(([id, note]) => {
        const path = `cfkv.namespaces.${id}`;
        return [id, reader.fields<CfkvNamespace>(reader.object(note, path), path, NAMESPACE)];
      }),
    ),
    scripts: new Map(
      Object.entries(reader.object(fields["scripts"] ?? {}, "cfkv.scripts")).map(([id, script]) => [
        id,
        reader.object(script, `cfkv.scripts.${id}`),
      ]),
    ),
    bundles: new Map(
      workers.flatMap(([id, worker]) => {
        const source = readBundle(reader, worker, `cfkv.workers.${id}`);
        return source === undefined ? [] : [[id, source] as const];
      }),
    ),
    migrations: new Map(workers.map(([id, worker]) => [id, readMigrations(reader, worker, `cfkv.workers.${id}`)])),
    workers: new Map(
      workers.map(([id, worker]) => {
        const path = `cfkv.workers.${id}`;
        return [id, reader.fields<CfkvOrigin>(reader.object(worker, path), path, ORIGIN)];
      }),
    ),
  };
}

type FieldType = "text" | "number" | "flag" | "texts" | "textMap" | "numberMaps";

/** The type of every field: a field that only the writer has fails to compile. */
type FieldTypes<T> = { readonly [Name in keyof Required<T>]: FieldType };

const ENVIRONMENT: FieldTypes<CfkvEnvironment> = {
  app: "text",
  environment: "text",
  developer: "text",
  protected: "flag",
};

const NAMESPACE: FieldTypes<CfkvNamespace> = {
  namespaceName: "text",
  ttlSeconds: "number",
  description: "text",
  binding: "text",
  seed: "texts",
  keys: "textMap",
  value: "text",
  workload: "numberMaps",
};

/** A Worker's name in its set, and the files and folders that its parts were taken from. */
export type CfkvOrigin = Pick<CfkvWorker, "key" | "file" | "assets">;

const ORIGIN: FieldTypes<CfkvOrigin> = { key: "text", file: "text", assets: "text" };

const BUNDLE: FieldTypes<CfkvBundle> = {
  entry: "text",
  minify: "flag",
  sourceMap: "flag",
  define: "textMap",
  inputs: "texts",
};

const MIGRATIONS: FieldTypes<CfkvMigrations> = { directory: "text", folder: "text" };

const TYPES: Readonly<Record<FieldType, { readonly name: string; readonly test: (value: unknown) => boolean }>> = {
  text: { name: "a string", test: (value) => typeof value === "string" },
  number: { name: "a number", test: (value) => typeof value === "number" },
  flag: { name: "true or false", test: (value) => typeof value === "boolean" },
  texts: {
    name: "a list of strings",
    test: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  },
  textMap: {
    name: "an object of strings",
    test: (value) => isObject(value) && Object.values(value).every((item) => typeof item === "string"),
  },
  numberMaps: {
    name: "objects of numbers",
    test: (value) => isObject(value) && Object.values(value).every(isNumberMap),
  },
};

function isNumberMap(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((item) => typeof item === "number");
}

function readBundle(reader: BlockReader, value: unknown, worker: string): CodeSource | undefined {
  const { bundle } = reader.object(value, worker);
  if (bundle === undefined) return undefined;
  const path = `${worker}.bundle`;
  const {
    entry,
    minify = false,
    sourceMap = false,
    define = {},
    inputs = [],
  } = reader.fields<CfkvBundle>(reader.object(bundle, path), path, BUNDLE);
  return entry === undefined ? undefined : { entry, minify, sourceMap, define, inputs };
}

function readMigrations(reader: BlockReader, value: unknown, worker: string): Map<string, CfkvMigrations> {
  const { migrations = {} } = reader.object(value, worker);
  const entries = Object.entries(reader.object(migrations, `${worker}.migrations`));
  return new Map(
    entries.flatMap(([binding, each]) => {
      const path = `${worker}.migrations.${binding}`;
      const { directory, folder = "" } = reader.fields<CfkvMigrations>(reader.object(each, path), path, MIGRATIONS);
      return directory === undefined ? [] : [[binding, { directory, folder }] as const];
    }),
  );
}

/** Reads fields of a known type, and reports file and field when one has another. */
class BlockReader {
  constructor(private readonly file: string) {}

  object(value: unknown, path: string): JsonObject {
    return isObject(value) ? value : this.refuse(path, "an object", value);
  }

  number(fields: JsonObject, name: string, path: string): number | undefined {
    return this.field(fields, name, path, "number") as number | undefined;
  }

  /** The fields that are present, each of its type. */
  fields<T>(fields: JsonObject, path: string, types: FieldTypes<T>): Partial<T> {
    const names = Object.entries<FieldType>(types);
    return Object.fromEntries(
      names.flatMap(([name, type]) => {
        const value = this.field(fields, name, path, type);
        return value === undefined ? [] : [[name, value]];
      }),
    ) as Partial<T>;
  }

  private field(fields: JsonObject, name: string, path: string, type: FieldType): unknown {
    const value = fields[name];
    const { name: expected, test } = TYPES[type];
    return value === undefined || test(value) ? value : this.refuse(`${path}.${name}`, expected, value);
  }

  private refuse(path: string, expected: string, value: unknown): never {
    throw new InputError(
      "ASSEMBLY_BROKEN",
      `${path} of ${this.file} must be ${expected}, got '${JSON.stringify(value)}'`,
      "synthesize again: cfkv synth",
    );
  }
}
