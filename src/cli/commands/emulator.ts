import type { Command } from "@commander-js/extra-typings";
import { DATA_FOLDER } from "../../local/dev/folder.js";
import type { OptionsOf } from "../command.js";

export type EmulatorCommandOptions = OptionsOf<typeof emulator>;

/** Not the port of `cfkv dev`: both may run. */
export const EMULATOR_PORT = 8788;

export const EMULATOR_FOLDER = `${DATA_FOLDER}/emulator`;

export const emulator = (command: Command) =>
  command
    .description(
      "serve Cloudflare's API for KV, Workers and D1 on this machine, for Terraform, OpenTofu and API clients",
    )
    .option("--port <number>", `TCP port on 127.0.0.1, 0 for a free one (default: ${EMULATOR_PORT})`)
    .option("--persist [folder]", `persist data (default folder: ${EMULATOR_FOLDER}); without it nothing is kept`)
    .option("--faults <spec>", "inject faults, e.g. 'status=429,retry-after=1,times=2; latency=200'")
    .option("--quiet", "do not print requests")
    .option("--json", "print its address as JSON");
