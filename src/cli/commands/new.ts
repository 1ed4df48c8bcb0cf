import { command, type CommandEntry } from "../command.js";

export const DESCRIPTION = "create a project, or add a pattern to one; nothing is overwritten";

const PATTERNS = [
  ["cache", "cache", "add a route whose answers are cached"],
  ["session", "sessions", "add login and logout, with sessions"],
  ["flags", "flags", "add feature flags"],
  ["config", "config", "add settings and a maintenance mode"],
  ["rate-limit", "rate-limit", "add a rate limit for each client address"],
  ["preferences", "preferences", "add user preferences"],
  ["namespace", "namespace", "add a namespace with a route that reads it"],
  ["bulk", "bulk", "add a namespace that is filled from a file and read in bulk"],
] as const;

export const COMMANDS: readonly CommandEntry[] = [
  command(
    "app",
    "create a project that runs",
    async () => (await import("./new-app.js")).newApp,
    async () => (await import("../new/new-app.js")).newAppCommand,
  ),
  ...PATTERNS.map(([word, pattern, summary]) =>
    command(
      word,
      summary,
      async () => (await import("./new-pattern.js")).newPattern,
      async () => {
        const { newPatternCommand } = await import("../new/new-pattern.js");
        return (name, _options, context) => newPatternCommand(pattern, name, context);
      },
    ),
  ),
];
