import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { InputError } from "../errors.js";
import { runProgram } from "./run-program.js";

/** OpenTofu or Terraform, as it is installed. */
export interface EngineProgram {
  readonly name: "OpenTofu" | "Terraform";
  readonly version: string;
  /** Absolute. */
  readonly path: string;
}

/** Where an engine is looked for. */
export interface EngineSearch {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A name on PATH, or a path; it takes precedence over everything else. */
  readonly wanted?: string;
  /** The text of states and lock files of the stacks: they name the registry of the engine that wrote them. */
  readonly traces?: readonly string[];
}

/** The variable that cdktf reads too. */
export const ENGINE_VARIABLE = "TERRAFORM_BINARY_NAME";

const INSTALL =
  "install OpenTofu (https://opentofu.org/docs/intro/install/) or Terraform (https://developer.hashicorp.com/terraform/install), " +
  "or name the program with --engine";

/**
 * The engine to use: the one that is named, the one that the stacks were deployed with, or the one that is installed;
 * OpenTofu when both are.
 *
 * @throws InputError `ENGINE_MISSING`
 */
export async function findEngine(search: EngineSearch): Promise<EngineProgram> {
  const { wanted = search.env[ENGINE_VARIABLE] } = search;
  if (wanted !== undefined && wanted !== "") {
    const path = locate(wanted, search);
    if (path !== undefined) return identify(path, search);
    throw new InputError("ENGINE_MISSING", `the program '${wanted}' is not there, or cannot be executed`, INSTALL);
  }
  for (const name of candidates(search.traces ?? [])) {
    const path = locate(name, search);
    if (path !== undefined) return identify(path, search);
  }
  throw new InputError("ENGINE_MISSING", "neither tofu nor terraform is on PATH", INSTALL);
}

/** A state or lock file as text; nothing where there is none. */
export function traceOf(file: string): readonly string[] {
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    return [];
  }
}

/** Each keeps to its own registry, so a stack stays with the engine that it began with. */
function candidates(traces: readonly string[]): readonly string[] {
  const isTerraform = traces.some((text) => /registry\.terraform\./.test(text));
  const isTofu = traces.some((text) => /registry\.opentofu\./.test(text));
  return isTerraform && !isTofu ? ["terraform", "tofu"] : ["tofu", "terraform"];
}

function locate(name: string, { cwd, env }: EngineSearch): string | undefined {
  const folders = /[\\/]/.test(name) ? [""] : (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const endings = process.platform === "win32" ? ["", ".exe"] : [""];
  return folders
    .flatMap((folder) => endings.map((ending) => resolve(cwd, join(folder, name + ending))))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function identify(path: string, { cwd, env }: EngineSearch): Promise<EngineProgram> {
  const { stdout, stderr } = await runProgram(path, ["version"], {
    cwd,
    env: { ...env, CHECKPOINT_DISABLE: "1" },
  }).catch((cause: unknown) => {
    throw new InputError("ENGINE_MISSING", `${path} cannot be executed`, INSTALL, { cause });
  });
  const [, name, version] = /^(OpenTofu|Terraform) v(\S+)/m.exec(stdout) ?? [];
  if (version !== undefined) return { name: name === "OpenTofu" ? "OpenTofu" : "Terraform", version, path };
  const [said = "nothing"] = (stdout + stderr).trim().split("\n");
  throw new InputError(
    "ENGINE_MISSING",
    `${basename(path)} is neither OpenTofu nor Terraform: asked for its version, it printed '${said.slice(0, 200)}'`,
    INSTALL,
  );
}
