import type { Command } from "@commander-js/extra-typings";

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

export const completion = (command: Command) =>
  command
    .description("print a script that completes commands, options, stacks and bindings in a shell")
    .addArgument(command.createArgument("<shell>", SHELLS.join(", ")).choices(SHELLS));
