import { CodedError, InputError, ServiceError } from "../errors.js";
import type { ExitCode } from "./command.js";
import type { Channel } from "./terminal/channel.js";

/** An invalid command line. Exit code 2. */
export class UsageError extends InputError<"USAGE"> {
  constructor(message: string, hint: string) {
    super("USAGE", message, hint);
  }
}

/** Errors of the command line itself; other input errors are about files. */
const WRONG_USAGE: ReadonlySet<string> = new Set(["USAGE", "STACK_UNKNOWN", "STACK_NOT_CHOSEN", "WORKER_NOT_CHOSEN"]);

/** The exit code for each kind of error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ServiceError) return 3;
  return error instanceof CodedError && WRONG_USAGE.has(error.code) ? 2 : 1;
}

/** Prints an error: its code and message, the cause, and what to do. */
export function renderError(error: unknown, notes: Channel): void {
  if (!(error instanceof CodedError)) {
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
    notes.line(`${notes.paint("red", "error UNEXPECTED")}: ${details}`);
    notes.line(`  help: this is a bug in cfkv; please report it with the output above`);
    return;
  }
  notes.line(`${notes.paint("red", `error ${error.code}`)}: ${error.message}`);
  const reason = reasonOf(error);
  if (reason !== undefined) notes.line(`  reason: ${reason}`);
  const hint = error instanceof InputError || error instanceof ServiceError ? error.hint : undefined;
  if (hint !== undefined) notes.line(`  help: ${hint}`);
}

/** The first line of the cause, unless the message already says it. */
function reasonOf({ cause, message }: Error): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const [line = ""] = cause.message.split("\n");
  return line === "" || message.includes(line) ? undefined : line;
}
