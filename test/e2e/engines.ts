import { spawnSync } from "node:child_process";

export interface Outcome {
  readonly status: number | null;
  /** Both streams. */
  readonly output: string;
}

/** Runs a program to its end. */
export function run(cwd: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...env },
  });
  return { status, output: error?.message ?? `${stdout}${stderr}` };
}

/** A step that did not go as it must, with what the engine said. */
export class StepFailed extends Error {}

/** tofu or terraform in one working directory. */
export class Engine {
  constructor(
    private readonly command: string,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv = {},
  ) {}

  init(): Outcome {
    return run(this.folder, this.command, ["init", "-input=false", "-no-color", "-reconfigure"], this.env);
  }

  validate(): void {
    this.#expect("validate", [0], ["-no-color"]);
  }

  apply(): void {
    this.#expect("apply", [0], ["-auto-approve", "-input=false", "-no-color"]);
  }

  /** A plan after an apply has nothing to do: exit code 2 would be a change. */
  expectEmptyPlan(): void {
    this.#expect("plan", [0], ["-detailed-exitcode", "-input=false", "-no-color"]);
  }

  destroy(): void {
    this.#expect("destroy", [0], ["-auto-approve", "-input=false", "-no-color"]);
  }

  /** Lets go of a resource without destroying it. */
  forget(address: string): void {
    this.#expect("state", [0], ["rm", address]);
  }

  #expect(verb: string, statuses: readonly number[], args: readonly string[]): void {
    const { status, output } = run(this.folder, this.command, [verb, ...args], this.env);
    if (status === null || !statuses.includes(status)) {
      throw new StepFailed(`${this.command} ${verb} ended with ${String(status)}:\n${output}`);
    }
  }
}
