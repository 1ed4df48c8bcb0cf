import type { Command as TypedCommand } from "@commander-js/extra-typings";
import { Command, CommanderError } from "commander";
import { didYouMean } from "../suggest.js";
import type { CommandContext, ExitCode } from "./command.js";
import { COMMANDS } from "./commands.js";
import { exitCodeOf, renderError, UsageError } from "./errors.js";
import { byPurpose } from "./purposes.js";
import { packageVersion } from "./version.js";

/** What the process, or a test, provides to a run of the command line. */
export type Surroundings = Omit<CommandContext, "finishWith">;

/** Runs one command line, without the program's name. Never throws: an error is printed and becomes the exit code. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  let commands: readonly Command[] = [];
  const context: CommandContext = { ...surroundings, finishWith: (code) => (exitCode = code) };
  try {
    // What the scripts of `cfkv completion` ask.
    if (argv[0] === "complete" && argv[1] === "--") {
      const { complete } = await import("./completion/complete.js");
      await complete(argv.slice(2), context);
      return exitCode;
    }
    const program = await assemble(argv, context);
    commands = program.commands;
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const reported = error instanceof CommanderError ? usageError(error, argv, commands) : error;
    renderError(reported, context.notes);
    return exitCodeOf(reported);
  }
}

/** The program with the names of all commands, and the declaration of the one being run. */
async function assemble(argv: readonly string[], context: CommandContext): Promise<Command> {
  const program = new Command("cfkv")
    .description("Workers KV with Terraform CDK: synthesize, run locally, seed and inspect")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", "\nStart with `cfkv new app`, or with `cfkv synth`, then `cfkv dev`.");
  quiet(program, context);

  const words = argv.filter((word) => !word.startsWith("-"));
  const wanted = words[0] === "help" ? words[1] : words[0];
  for (const [heading, { name, summary, define }] of byPurpose(COMMANDS)) {
    const command = program.command(name).summary(summary).helpOption("-h, --help", "show help").helpGroup(heading);
    if (name !== wanted) continue;
    await define(command as unknown as TypedCommand, context);
    for (const each of withSubcommands(command)) quiet(each, context);
  }
  return program;
}

/** Makes the command throw instead of ending the process, and print where this run prints. */
function quiet(command: Command, context: CommandContext): void {
  command.exitOverride().showSuggestionAfterError(false);
  command.configureOutput({
    writeOut: (text) => context.results.line(text.trimEnd()),
    // renderError prints errors; what remains is the help for a command line without a command.
    writeErr: (text) => {
      if (!text.startsWith("error:")) context.notes.line(text.trimEnd());
    },
  });
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** commander's error as one of this project's. */
function usageError(error: CommanderError, argv: readonly string[], commands: readonly Command[]): UsageError {
  const command = commands.find((each) => each.name() === argv[0]);
  const help = `see: cfkv ${command === undefined ? "" : `${command.name()} `}--help`;
  if (error.code === "commander.help") return new UsageError("no command given", help);

  const message = error.message.replace(/^error: /, "");
  const wrong = /'([^']+)'$/.exec(message)?.[1] ?? "";
  const commandNames = (command?.commands ?? commands).map((each) => each.name());
  const options = command === undefined ? [] : withSubcommands(command).flatMap((each) => each.options);
  const known = error.code === "commander.unknownCommand" ? commandNames : options.map(({ long }) => long ?? "");
  return new UsageError(message + didYouMean(wrong, known), help);
}
