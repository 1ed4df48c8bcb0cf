import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { isObject } from "../values/json.js";
import { asList, asObject, asText } from "./json.js";
import type { Annotation } from "./model.js";

/** A stack as cdktf's `manifest.json` lists it; paths are relative to the assembly. */
export interface ManifestStack {
  readonly name: string;
  readonly synthesizedStackPath: string;
  readonly workingDirectory: string;
  readonly dependencies: readonly string[];
  readonly annotations: readonly Annotation[];
}

/**
 * Reads cdktf's list of stacks.
 *
 * @throws InputError `ASSEMBLY_MISSING` without a folder, `ASSEMBLY_FOREIGN` when cdktf did not write it,
 *   `ASSEMBLY_BROKEN` when its manifest is incomplete
 */
export function readManifest(directory: string): ManifestStack[] {
  const path = join(directory, "manifest.json");
  if (!existsSync(directory)) {
    throw new InputError("ASSEMBLY_MISSING", `there is no ${directory}`, "synthesize first: cfkv synth");
  }
  if (!existsSync(path)) throw foreign(`${directory} has no manifest.json`);

  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const message = `${path} is not valid JSON: ${(cause as Error).message}`;
    const hint = "an interrupted synthesis leaves this behind; synthesize again: cfkv synth";
    throw new InputError("ASSEMBLY_BROKEN", message, hint, { cause });
  }
  const stacks = isObject(manifest) ? manifest["stacks"] : undefined;
  if (!isObject(stacks)) throw foreign(`${path} lists no stacks`);
  return Object.entries(stacks).map(([name, stack]) => readStack(name, stack, path));
}

function readStack(key: string, value: unknown, path: string): ManifestStack {
  const stack = asObject(value);
  const file = asText(stack["synthesizedStackPath"]);
  if (file === undefined) throw foreign(`${path} names no file for stack '${key}'`);
  return {
    name: asText(stack["name"]) ?? key,
    synthesizedStackPath: file,
    workingDirectory: asText(stack["workingDirectory"]) ?? join(file, ".."),
    dependencies: asList(stack["dependencies"]).flatMap((name) => asText(name) ?? []),
    annotations: asList(stack["annotations"]).map((annotation) => readAnnotation(asObject(annotation))),
  };
}

const LEVELS: Readonly<Record<string, Annotation["level"]>> = {
  "@cdktf/info": "info",
  "@cdktf/warn": "warning",
  "@cdktf/error": "error",
};

function readAnnotation(annotation: Record<string, unknown>): Annotation {
  return {
    level: LEVELS[asText(annotation["level"]) ?? ""] ?? "info",
    message: asText(annotation["message"]) ?? "",
    constructPath: asText(annotation["constructPath"]) ?? "",
  };
}

function foreign(message: string): InputError {
  return new InputError(
    "ASSEMBLY_FOREIGN",
    `${message}: cdktf did not write this folder`,
    "name the folder that cdktf synthesizes into, 'cdktf.out' unless cdktf.json says otherwise: --output <folder>",
  );
}
