import type { Readable } from "node:stream";
import type { Command, OptionValues } from "@commander-js/extra-typings";
import type { Channel } from "./terminal/channel.js";

/** What a command uses from outside, so that tests can run it in process. */
export interface CommandContext {
  /** Results: stdout. */
  readonly results: Channel;
  /** Everything else: stderr. */
  readonly notes: Channel;
  /** Typed answers and values: stdin. Only commands that read it call this, because the call opens it. */
  readonly input: () => CommandInput;
  /** Files named on the command line are relative to it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sets the exit code of a command that completes. */
  finishWith(code: ExitCode): void;
  /** Resolves when the user interrupts. After the first call, the command is responsible for ending. */
  interrupted(): Promise<void>;
}

/** Where a command reads typed or piped input. */
export type CommandInput = Readable & { readonly isTTY?: boolean };

/** 0 success · 1 invalid input · 2 wrong usage · 3 Cloudflare or the network failed · 4 partly done. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/**
 * Declares a command's arguments and options. Its module, `src/cli/commands/<name>.ts`, imports nothing else: help must
 * be quick.
 */
export type Declare<Args extends unknown[], Options extends OptionValues> = (
  command: Command,
) => Command<Args, Options>;

/** The options of a declaration, as commander passes them. */
export type OptionsOf<Declaration extends (command: Command) => { opts(): unknown }> = ReturnType<
  ReturnType<Declaration>["opts"]
>;

/** Runs a command with its arguments one by one, its options and its context. */
export type Action<Args extends unknown[], Options> = (
  ...input: [...Args, Options, CommandContext]
) => Promise<void> | void;

/** A row of a table of commands. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the help of the program, or of the group that the command belongs to. */
  readonly summary: string;
  /** Loads the declaration and adds it to the command. */
  readonly define: (command: Command, context: CommandContext) => Promise<void>;
}

/**
 * A single command. The declaration types its options, so an action that reads an undeclared one does not compile.
 *
 * @param declaration - loads the arguments and options: for every help text
 * @param action - loads the action: only when it runs
 */
export function command<Args extends unknown[], Options extends OptionValues>(
  name: string,
  summary: string,
  declaration: () => Promise<Declare<Args, Options>>,
  action: () => Promise<NoInfer<Action<Args, Options>>>,
): CommandEntry {
  return {
    name,
    summary,
    define: async (command, context) => {
      const declare = await declaration();
      declare(command).action(async (...input) => {
        const act = await action();
        // commander's last argument is the command itself.
        await act(...([...input.slice(0, -1), context] as [...Args, Options, CommandContext]));
      });
    },
  };
}

/** A command that only holds others: `cfkv kv`. */
export function group(
  name: string,
  summary: string,
  load: () => Promise<{ readonly DESCRIPTION: string; readonly COMMANDS: readonly CommandEntry[] }>,
): CommandEntry {
  return {
    name,
    summary,
    define: async (command, context) => {
      const { DESCRIPTION, COMMANDS } = await load();
      command.description(DESCRIPTION);
      for (const each of COMMANDS) await each.define(command.command(each.name).summary(each.summary), context);
    },
  };
}
