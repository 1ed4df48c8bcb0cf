import { InputError } from "../errors.js";
import { isObject, type JsonObject } from "../values/json.js";
import { optional } from "./json.js";

/** What this package notes in a stack's `//` metadata, because Terraform has no attribute for it. */
export interface CfkvBlock {
  readonly app?: string;
  readonly environment?: string;
  readonly developer?: string;
  readonly protected?: boolean;
  /** By logical id, or by namespace id for namespaces that are referred to by it. */
  readonly namespaces: ReadonlyMap<string, NamespaceNote>;
}

export interface NamespaceNote {
  readonly namespaceName?: string;
  readonly ttlSeconds?: number;
  readonly description?: string;
  readonly binding?: string;
  /** Relative to the stack's folder. */
  readonly seed: readonly string[];
}

/** The version of the block that this package writes; it reads no newer one. */
const VERSION = 1;

/**
 * Reads the `cfkv` block of a stack file. A stack without one was written by hand: nothing is noted then.
 *
 * @throws InputError `ASSEMBLY_NEWER` for a block of a newer version, `ASSEMBLY_BROKEN` for one that makes no sense
 */
export function readCfkvBlock(comment: unknown, file: string): CfkvBlock {
  const block = isObject(comment) ? comment["cfkv"] : undefined;
  if (block === undefined) return { namespaces: new Map() };

  const reader = new BlockReader(file);
  const fields = reader.object(block, "cfkv");
  const version = reader.number(fields, "version", "cfkv");
  if (version === undefined || version > VERSION) {
    throw new InputError(
      "ASSEMBLY_NEWER",
      `${file} was written by a newer cdktf-cloudflare-kv: its cfkv block must have version ${VERSION}, got '${version ?? "none"}'`,
      "update this package (npm install cdktf-cloudflare-kv@latest), or synthesize again with this one: cfkv synth",
    );
  }

  const notes = Object.entries(reader.object(fields["namespaces"] ?? {}, "cfkv.namespaces"));
  return {
    ...optional("app", reader.text(fields, "app", "cfkv")),
    ...optional("environment", reader.text(fields, "environment", "cfkv")),
    ...optional("developer", reader.text(fields, "developer", "cfkv")),
    ...optional("protected", reader.flag(fields, "protected", "cfkv")),
    namespaces: new Map(notes.map(([id, note]) => [id, readNote(reader, note, `cfkv.namespaces.${id}`)])),
  };
}

function readNote(reader: BlockReader, value: unknown, path: string): NamespaceNote {
  const note = reader.object(value, path);
  return {
    ...optional("namespaceName", reader.text(note, "namespaceName", path)),
    ...optional("ttlSeconds", reader.number(note, "ttlSeconds", path)),
    ...optional("description", reader.text(note, "description", path)),
    ...optional("binding", reader.text(note, "binding", path)),
    seed: reader.texts(note, "seed", path),
  };
}

/** Reads fields of a known type, and names file and field when one has another. */
class BlockReader {
  constructor(private readonly file: string) {}

  object(value: unknown, path: string): JsonObject {
    return isObject(value) ? value : this.refuse(path, "an object", value);
  }

  text(fields: JsonObject, name: string, path: string): string | undefined {
    const value = fields[name];
    return value === undefined || typeof value === "string" ? value : this.refuse(`${path}.${name}`, "a text", value);
  }

  number(fields: JsonObject, name: string, path: string): number | undefined {
    const value = fields[name];
    return value === undefined || typeof value === "number" ? value : this.refuse(`${path}.${name}`, "a number", value);
  }

  flag(fields: JsonObject, name: string, path: string): boolean | undefined {
    const value = fields[name];
    if (value === undefined || typeof value === "boolean") return value;
    return this.refuse(`${path}.${name}`, "true or false", value);
  }

  texts(fields: JsonObject, name: string, path: string): readonly string[] {
    const value = fields[name] ?? [];
    const isTexts = Array.isArray(value) && value.every((item): item is string => typeof item === "string");
    return isTexts ? value : this.refuse(`${path}.${name}`, "a list of texts", value);
  }

  private refuse(path: string, expected: string, value: unknown): never {
    throw new InputError(
      "ASSEMBLY_BROKEN",
      `${path} of ${this.file} must be ${expected}, got '${JSON.stringify(value)}'`,
      "synthesize again: cfkv synth",
    );
  }
}
