import { execFile } from "node:child_process";

export interface Outcome {
  readonly status: number | null;
  /** Both streams. */
  readonly output: string;
}

/** Runs a program to its end. This process goes on meanwhile: the emulator that the program may talk to lives in it. */
export function run(
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const options = {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...env },
  };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ status: 0, output: `${stdout}${stderr}` });
      else if (typeof error.code === "number") resolve({ status: error.code, output: `${stdout}${stderr}` });
      else resolve({ status: null, output: error.message });
    });
  });
}

/** What a plan says that it does. */
export interface Changes {
  readonly import: number;
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
}

/** Read from the line of the plan, which is missing when there is nothing to do. */
export function changesOf(output: string): Changes {
  const line = /^Plan: .*$/m.exec(output)?.[0] ?? "";
  const count = (verb: string): number => Number(new RegExp(`(\\d+) to ${verb}`).exec(line)?.[1] ?? 0);
  return { import: count("import"), add: count("add"), change: count("change"), destroy: count("destroy") };
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

  init(): Promise<Outcome> {
    return run(this.folder, this.command, ["init", "-input=false", "-no-color", "-reconfigure"], this.env);
  }

  async validate(): Promise<void> {
    await this.#expect("validate", [0], ["-no-color"]);
  }

  /** @returns what the plan was */
  async apply(): Promise<Changes> {
    return changesOf(await this.#expect("apply", [0], ["-auto-approve", "-input=false", "-no-color"]));
  }

  /** A plan after an apply has nothing to do: exit code 2 would be a change. */
  async expectEmptyPlan(): Promise<void> {
    await this.#expect("plan", [0], ["-detailed-exitcode", "-input=false", "-no-color"]);
  }

  async destroy(): Promise<void> {
    await this.#expect("destroy", [0], ["-auto-approve", "-input=false", "-no-color"]);
  }

  /** What a stack's outputs are, by name. */
  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const outputs = JSON.parse(await this.#expect("output", [0], ["-json"])) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  /** Lets go of a resource without destroying it. */
  async forget(address: string): Promise<void> {
    await this.#expect("state", [0], ["rm", address]);
  }

  async #expect(verb: string, statuses: readonly number[], args: readonly string[]): Promise<string> {
    const { status, output } = await run(this.folder, this.command, [verb, ...args], this.env);
    if (status === null || !statuses.includes(status)) {
      throw new StepFailed(`${this.command} ${verb} ended with ${String(status)}:\n${output}`);
    }
    return output;
  }
}
