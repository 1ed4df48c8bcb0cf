import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { collect, COMPAT, COMPAT_TOOLS, OUTPUT, SET } from "../options.js";

export type SynthOptions = OptionsOf<typeof synth>;

export const synth = (command: Command) =>
  command
    .description("synthesize the app of cdktf.json, or manifests, into cdktf.out, and show the stacks")
    .argument("[manifests...]", "manifests to synthesize instead of the app: files, folders, patterns, or -")
    .option(...OUTPUT)
    .option(...SET, collect, [])
    .addOption(command.createOption(...COMPAT).choices(COMPAT_TOOLS))
    .option("--account-id <id>", "the account of manifests that do not set one (default: CLOUDFLARE_ACCOUNT_ID)")
    .option("--stack <name>", "the stack's name (default: the file's, or that of the kustomization's folder)")
    .option("--split", "make a separate stack of every document")
    .option("--json", "print the stacks as JSON")
    .option("--strict", "exit with 1 when a stack has warnings");
