import { Readable } from "node:stream";
import { channel, type Sink } from "../../src/cli/terminal/channel.js";
import { run, type Surroundings } from "../../src/cli/run.js";

/** What a command line did. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line that runs on, until it is interrupted. */
export interface RunningCli {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves once the text appears in either stream. Fails when the command ends first. */
  readonly says: (text: string | RegExp) => Promise<void>;
  readonly interrupt: () => void;
  readonly result: Promise<CliResult>;
}

export interface CliOptions {
  /** @default the working directory of the tests */
  readonly cwd?: string;
  /** @default only PATH */
  readonly env?: Record<string, string>;
  /** @default false */
  readonly terminal?: boolean;
  /** What is piped in, or typed where the streams are a terminal. @default nothing */
  readonly input?: string;
  /** Receives the results as well. @default they are only kept */
  readonly stdout?: Sink;
}

/** Runs a command line in this process to its end. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(argv, options).result;
}

/** Runs a command line in this process and goes on. */
export function startCli(argv: readonly string[], options: CliOptions = {}): RunningCli {
  const { cwd = process.cwd(), terminal = false } = options;
  const env = { PATH: process.env["PATH"] ?? "", ...options.env };
  const texts = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  const sink = (name: keyof typeof texts): Sink => ({
    isTTY: terminal,
    write: (text, written) => {
      texts[name] += text;
      for (const listener of listeners) listener();
      if (name === "stdout" && options.stdout !== undefined) options.stdout.write(text, written);
      else written?.();
    },
  });
  let interrupt = (): void => undefined;
  const interruption = new Promise<void>((resolve) => (interrupt = resolve));
  const surroundings: Surroundings = {
    input: () => Object.assign(Readable.from([Buffer.from(options.input ?? "")]), { isTTY: terminal }),
    cwd,
    env,
    results: channel(sink("stdout"), env),
    notes: channel(sink("stderr"), env),
    interrupted: () => interruption,
  };
  let ended = false;
  const result = run(argv, surroundings).then((code) => {
    ended = true;
    for (const listener of listeners) listener();
    return { code, ...texts };
  });
  const says = (wanted: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = Object.values(texts).some((text) =>
          typeof wanted === "string" ? text.includes(wanted) : wanted.test(text),
        );
        if (!found && !ended) return;
        listeners.delete(look);
        if (found) resolve();
        else reject(new Error(`it ended without saying ${String(wanted)}:\n${texts.stdout}${texts.stderr}`));
      };
      listeners.add(look);
      look();
    });
  return { stdout: () => texts.stdout, stderr: () => texts.stderr, says, interrupt: () => interrupt(), result };
}
