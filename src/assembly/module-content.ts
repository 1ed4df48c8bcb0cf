import { readFileSync } from "node:fs";
import { InputError } from "../errors.js";
import type { WorkerModule } from "./model.js";

/**
 * The bytes of a Worker's module.
 *
 * @throws InputError `ASSEMBLY_BROKEN` when its file is missing
 */
export function readModule(module: WorkerModule): Uint8Array {
  if (module.content !== undefined) return module.content;
  try {
    return readFileSync(module.file ?? "");
  } catch (cause) {
    const message = `the assembly names ${module.file ?? module.name}, which cannot be read`;
    throw new InputError("ASSEMBLY_BROKEN", message, "synthesize again: cfkv synth", { cause });
  }
}
