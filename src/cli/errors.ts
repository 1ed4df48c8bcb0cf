import { CodedError, InputError, ServiceError } from "../errors.js";
import type { ExitCode } from "./command.js";
import type { Channel } from "./terminal/channel.js";

/** A command line that means nothing. Exit code 2. */
export class UsageError extends InputError<"USAGE"> {
  constructor(message: string, hint: string) {
    super("USAGE", message, hint);
  }
}

/** Problems of the command line itself, where other input errors are problems of files. */
const WRONG_USAGE: ReadonlySet<string> = new Set(["USAGE", "STACK_UNKNOWN", "STACK_NOT_CHOSEN"]);

/** The exit code that tells a script what kind of error it was. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ServiceError) return 3;
  return error instanceof CodedError && WRONG_USAGE.has(String(error.code)) ? 2 : 1;
}

/** Tells a person about an error: its code and what is wrong, the reason behind it, and what helps. */
export function renderError(error: unknown, notes: Channel): void {
  if (!(error instanceof CodedError)) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    notes.line(`${notes.paint("red", "error UNEXPECTED")}: ${told}`);
    notes.line(`  help: this is a defect of cfkv; please report it with the lines above`);
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
