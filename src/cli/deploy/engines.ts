import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Stack } from "../../assembly/index.js";
import { CLOUDFLARE_API, credentialsFrom } from "../../cloudflare/credentials.js";
import {
  Engine,
  type EngineProgram,
  expectVariables,
  findEngine,
  hasPluginCache,
  needsCredentials,
  traceOf,
} from "../../deploy/index.js";
import { DATA_FOLDER, prepareDataFolder } from "../../local/dev/folder.js";
import type { CommandContext } from "../command.js";
import { endNow } from "../data/interrupt.js";
import type { Targets } from "./targets.js";

/** The engines of the stacks that a command works on: call {@link close} at the end, which removes their plans. */
export class Engines {
  private readonly engines = new Map<string, Engine>();
  private readonly stop = new AbortController();
  private readonly endings: (() => void)[] = [];
  /** How many programs run now. */
  private running = 0;

  private constructor(
    readonly program: EngineProgram,
    private readonly targets: Targets,
    private readonly pluginCache: string | undefined,
  ) {}

  /**
   * Finds the engine, and passes the user's first interruption on to it.
   *
   * @throws InputError `ENGINE_MISSING`
   */
  static async open(targets: Targets, wanted: string | undefined): Promise<Engines> {
    const { context, project, stacks } = targets;
    const traces = stacks.flatMap(({ stateFile, directory }) => [
      ...(stateFile === undefined ? [] : traceOf(stateFile)),
      ...traceOf(join(directory, ".terraform.lock.hcl")),
    ]);
    const program = await findEngine({
      cwd: context.cwd,
      env: context.env,
      traces,
      ...(wanted !== undefined && { wanted }),
    });
    const folder = join(project.directory, DATA_FOLDER);
    const hasOwn = hasPluginCache(context.env, cliConfigOf(context));
    if (!hasOwn) await prepareDataFolder(folder);
    const engines = new Engines(program, targets, hasOwn ? undefined : join(folder, "providers"));
    void context.interrupted().then(() => engines.interrupt(context));
    return engines;
  }

  /** The name and version, as they are shown. */
  get label(): string {
    return `${this.program.name} ${this.program.version}`;
  }

  of({ name, directory }: Stack): Engine {
    const known = this.engines.get(name);
    if (known !== undefined) return known;
    const engine = new Engine({
      program: this.program,
      folder: directory,
      stack: name,
      env: this.targets.context.env,
      interruption: this.stop.signal,
      onRun: (change) => (this.running += change),
      ...(this.pluginCache !== undefined && { pluginCache: this.pluginCache }),
    });
    this.engines.set(name, engine);
    return engine;
  }

  /** Has something undone at the end, however the command ends. */
  atEnd(undo: () => void): void {
    this.endings.push(undo);
  }

  close(): void {
    for (const engine of this.engines.values()) engine.close();
    for (const undo of this.endings.splice(0)) undo();
  }

  /** A program that runs is asked to stop, and says itself how that went; otherwise nothing keeps the command. */
  private interrupt(context: CommandContext): void {
    this.stop.abort();
    if (this.running === 0) {
      this.close();
      endNow(context, undefined);
      return;
    }
    context.notes.line(
      `interrupted: ${this.program.name} was asked to stop, and ends once what it is doing is done and saved`,
    );
  }
}

/**
 * Checks what stacks need from the environment, all before Terraform is started for any.
 *
 * @throws InputError `CLOUDFLARE_TOKEN_MISSING` or `VARIABLE_MISSING`
 */
export function expectRequirements(stacks: readonly Stack[], { env }: CommandContext): void {
  expectVariables(stacks, env);
  const hasKey = Boolean(env["CLOUDFLARE_API_KEY"]) && Boolean(env["CLOUDFLARE_EMAIL"]);
  const [first] = stacks.filter(needsCredentials);
  if (first !== undefined && !hasKey) credentialsFrom(env, accountsOf(first)[0] ?? "0".repeat(32));
}

/** The accounts that a stack's resources belong to. */
export function accountsOf({ namespaces, workers }: Stack): readonly string[] {
  return [
    ...new Set([...namespaces.filter(({ managed }) => managed), ...workers].flatMap((each) => each.accountId ?? [])),
  ];
}

/** The host of the API, if it is not Cloudflare's. */
export function hostOf({ env }: Pick<CommandContext, "env">): string | undefined {
  const baseUrl = env["CLOUDFLARE_BASE_URL"]?.trim();
  return baseUrl === undefined || baseUrl === "" || baseUrl === CLOUDFLARE_API || !URL.canParse(baseUrl)
    ? undefined
    : new URL(baseUrl).host;
}

function cliConfigOf({ env }: CommandContext): string | undefined {
  const file = env["TF_CLI_CONFIG_FILE"] ?? env["TERRAFORM_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".terraformrc");
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
