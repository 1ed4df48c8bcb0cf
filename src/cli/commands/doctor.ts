import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ASCII, OUTPUT } from "../options.js";

export type DoctorOptions = OptionsOf<typeof doctor>;

export const doctor = (command: Command) =>
  command
    .description("look for what is missing on this machine, in the project and at Cloudflare, and how to get it")
    .option("--offline", "do not ask Cloudflare")
    .option(...OUTPUT)
    .option(...ASCII)
    .option(...AS_JSON);
