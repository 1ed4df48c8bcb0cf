import type { Readable } from "node:stream";
import type { Command } from "commander";
import type { Channel } from "./terminal/channel.js";

/** What a command works with: everything outside it, so that tests run it in process. */
export interface CommandContext {
  /** What was asked for: stdout. */
  readonly results: Channel;
  /** Everything else that is said: stderr. */
  readonly notes: Channel;
  /** Answers and values: stdin. Asked for only by commands that read it, as asking opens it. */
  readonly input: () => CommandInput;
  /** Files named on the command line are relative to it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the command with another exit code than 0, though it ran to its end. */
  finishWith(code: ExitCode): void;
  /** Resolves when the user interrupts. From the first call on, the command itself has to end then. */
  interrupted(): Promise<void>;
}

/** Where a command reads what is typed, or piped into it. */
export type CommandInput = Readable & { readonly isTTY?: boolean };

/** 0 done · 1 the input has problems · 2 wrong usage · 3 Cloudflare or the network refused · 4 partly done. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** A command's module: `src/cli/commands/<name>.ts` exports this as `define`, and is loaded only when it is asked for. */
export type DefineCommand = (command: Command, context: CommandContext) => void;

/** A line of the table in `commands.ts`. */
export interface CommandEntry {
  readonly name: string;
  /** One line for `cfkv --help`. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: DefineCommand }>;
}
