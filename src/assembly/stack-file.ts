import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { isObject, type JsonObject } from "../values/json.js";
import { readCfkvBlock, type CfkvBlock } from "./cfkv-block.js";
import { asList, asObject } from "./json.js";
import type { ManifestStack } from "./manifest.js";

/** A stack's `cdk.tf.json`, parsed but not yet interpreted. */
export interface StackFile {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  readonly manifest: ManifestStack;
  readonly cfkv: CfkvBlock;
  /** By type, then by logical id. */
  readonly resources: ReadonlyMap<string, ReadonlyMap<string, JsonObject>>;
  readonly data: ReadonlyMap<string, ReadonlyMap<string, JsonObject>>;
  readonly outputs: ReadonlyMap<string, JsonObject>;
  readonly variables: ReadonlyMap<string, JsonObject>;
  readonly locals: JsonObject;
  readonly imports: readonly JsonObject[];
  /** Where Terraform keeps the state: `{ "local": { "path": "…" } }`. */
  readonly backend: JsonObject;
}

/**
 * Reads one stack of an assembly.
 *
 * @throws InputError `ASSEMBLY_BROKEN` when the file is missing or not JSON, `ASSEMBLY_HCL` when it is HCL,
 *   `ASSEMBLY_NEWER` when a newer version of this package wrote it
 */
export function readStackFile(directory: string, stack: ManifestStack): StackFile {
  if (!stack.synthesizedStackPath.endsWith(".json")) {
    throw new InputError(
      "ASSEMBLY_HCL",
      `stack '${stack.name}' is HCL (${stack.synthesizedStackPath}): only Terraform JSON can be read`,
      "cfkv synth writes JSON; cdktf synth does without --hcl and SYNTH_HCL_OUTPUT=true; an app must not set hclOutput: true",
    );
  }
  const path = join(directory, stack.synthesizedStackPath);
  const root = parse(read(path, stack), stack);
  const terraform = asObject(asList(root["terraform"])[0]);
  return {
    name: stack.name,
    directory: join(directory, stack.workingDirectory),
    manifest: stack,
    cfkv: readCfkvBlock(root["//"], stack.synthesizedStackPath),
    resources: blocksByType(root["resource"]),
    data: blocksByType(root["data"]),
    outputs: blocks(root["output"]),
    variables: blocks(root["variable"]),
    locals: Object.assign({}, ...asList(root["locals"]).map(asObject)) as JsonObject,
    imports: asList(root["import"]).map(asObject),
    backend: asObject(asList(terraform["backend"])[0]),
  };
}

function read(path: string, stack: ManifestStack): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw broken(`the manifest names ${stack.synthesizedStackPath}, which cannot be read`, cause);
  }
}

function parse(text: string, stack: ManifestStack): JsonObject {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    throw broken(`${stack.synthesizedStackPath} is not valid JSON: ${(cause as Error).message}`, cause);
  }
  if (!isObject(root)) throw broken(`${stack.synthesizedStackPath} must hold an object`);
  return root;
}

function broken(message: string, cause?: unknown): InputError {
  const hint = "an interrupted synthesis leaves this behind; synthesize again: cfkv synth";
  return new InputError("ASSEMBLY_BROKEN", message, hint, { cause });
}

function blocksByType(section: unknown): Map<string, Map<string, JsonObject>> {
  const types = asList(section).flatMap((group) => Object.entries(asObject(group)));
  return new Map(types.map(([type, byId]) => [type, blocks(byId)]));
}

function blocks(section: unknown): Map<string, JsonObject> {
  const named = asList(section).flatMap((group) => Object.entries(asObject(group)));
  return new Map(named.map(([id, block]) => [id, asObject(asList(block)[0])]));
}
