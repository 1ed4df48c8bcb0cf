import type { Command } from "@commander-js/extra-typings";
import { DATA_FOLDER } from "../../local/dev/folder.js";
import type { OptionsOf } from "../command.js";
import { AS_JSON, collect, OUTPUT } from "../options.js";

export type DevOptions = OptionsOf<typeof dev>;

export const DEV_PORT = 8787;

export const dev = (command: Command) =>
  command
    .description("run every Worker of a stack on this machine, with its namespaces, seeds, databases, vars and crons")
    .argument("[stack]", "a stack, or an environment (default: the environment 'dev')")
    .option(...OUTPUT)
    .option("--developer <name>", "the developer whose stack to use (default: the first)")
    .option("--port <number>", `TCP port, 0 for a free one (default: ${DEV_PORT})`)
    .option("--host <name>", "also accept this host name, such as a tunnel's; repeatable", collect, [])
    .option("--ip <address>", "listen on this address, so that other machines can connect (default: 127.0.0.1)")
    .option("--ephemeral", `keep no data (default: it is kept in ${DATA_FOLDER})`)
    .option("--reseed", "load seed files again, even if they were loaded before")
    .option("--once", "request every Worker once, keep no data, and exit: 0 when all respond, 1 when one fails")
    .option("--log <form>", "how requests and what Workers print are logged: text or json (default: text)")
    .option(...AS_JSON);
