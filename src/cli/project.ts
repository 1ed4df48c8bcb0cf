import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError } from "../errors.js";
import type { CommandContext } from "./command.js";

/** The parts of `cdktf.json` that this tool uses. */
export interface Project {
  /** Absolute: the folder of `cdktf.json`. */
  readonly directory: string;
  /** The command that synthesizes the app. */
  readonly app?: string;
  /** Absolute: the folder of the assembly. */
  readonly output: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Sources of Terraform modules that are folders in the project. */
  readonly relativeModules: readonly string[];
}

/**
 * Reads `cdktf.json` of the working directory. Without one there is no app, and the assembly is `cdktf.out`.
 *
 * @param output - the folder named on the command line
 * @throws InputError `PROJECT_BROKEN` when the file is not a JSON object
 */
export function readProject({ cwd, env }: Pick<CommandContext, "cwd" | "env">, output?: string): Project {
  const path = join(cwd, "cdktf.json");
  const config = existsSync(path) ? parse(path) : {};
  const { app, context, output: configured, terraformModules } = config;
  const modules = Array.isArray(terraformModules) ? (terraformModules as unknown[]) : [];
  return {
    directory: cwd,
    ...(typeof app === "string" ? { app } : {}),
    output: resolve(cwd, output ?? env["CDKTF_OUTDIR"] ?? (typeof configured === "string" ? configured : "cdktf.out")),
    context: isObject(context) ? context : {},
    relativeModules: modules.flatMap((module) => {
      const source = isObject(module) ? module["source"] : module;
      return typeof source === "string" && /^\.\.?\//.test(source) ? source : [];
    }),
  };
}

function parse(path: string): Record<string, unknown> {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new InputError("PROJECT_BROKEN", `${path} is not valid JSON`, "correct the file", { cause });
  }
  if (!isObject(config)) throw new InputError("PROJECT_BROKEN", `${path} must hold an object`, "correct the file");
  return config;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
