import type { Command } from "@commander-js/extra-typings";
import { command, type OptionsOf } from "../command.js";
import { AS_JSON, LOCAL, OUTPUT, YES } from "../options.js";

export const DESCRIPTION = "apply the migrations of D1 databases";

export type MigrateOptions = OptionsOf<typeof migrate>;

export const migrate = (command: Command) =>
  command
    .description("apply pending migrations to the databases of a stack, as 'wrangler d1 migrations apply' does")
    .argument("[stack]", "a stack, or an environment (default: the environment 'dev')")
    .option(...OUTPUT)
    .option("-d, --database <database>", "binding, name or id (default: every database of the stack with migrations)")
    .option(...LOCAL)
    .option("--dry-run", "list what would be applied, and change nothing")
    .option(...YES)
    .option(...AS_JSON);

export const COMMANDS = [
  command(
    "migrate",
    "apply pending migrations to the databases of a stack",
    () => Promise.resolve(migrate),
    async () => (await import("../d1/migrate.js")).migrateCommand,
  ),
];
