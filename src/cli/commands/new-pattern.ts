import type { Command } from "@commander-js/extra-typings";

export const newPattern = (command: Command) =>
  command.argument("[name]", "its name in paths, files and, in capitals, as a binding (default: the pattern's)");
