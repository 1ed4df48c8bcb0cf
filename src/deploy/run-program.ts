import { spawn } from "node:child_process";

/** How a program ended, with what it printed. */
export interface ProgramEnd {
  /** Undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gets what it prints on both streams, line by line. */
  readonly onLine?: (line: string) => void;
  /** Aborted when the user interrupts: the program then gets SIGINT, once. */
  readonly interruption?: AbortSignal;
}

/**
 * Runs a program to its end, without input. It has a process group of its own: the terminal sends an interruption to the
 * whole group of this process, and Terraform takes a second one for an order to stop at once, without saving its state.
 */
export function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<ProgramEnd> {
  const { cwd, env, onLine, interruption } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    const stdout = collect(child.stdout, onLine);
    const stderr = collect(child.stderr, onLine);
    const passOn = (): void => void child.kill("SIGINT");
    interruption?.addEventListener("abort", passOn, { once: true });
    const end = (): void => interruption?.removeEventListener("abort", passOn);
    child.once("error", (error) => {
      end();
      reject(error);
    });
    child.once("close", (status) => {
      end();
      resolve({ status: status ?? undefined, stdout: stdout(), stderr: stderr() });
    });
  });
}

function collect(stream: NodeJS.ReadableStream, onLine: RunOptions["onLine"]): () => string {
  const chunks: string[] = [];
  let begun = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    chunks.push(chunk);
    if (onLine === undefined) return;
    const lines = (begun + chunk).split("\n");
    begun = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (begun !== "") onLine?.(begun);
  });
  return () => chunks.join("");
}
