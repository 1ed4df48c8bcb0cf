import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON } from "../options.js";

/** The options of every command on the namespaces of an account. */
export type NamespaceOptions = OptionsOf<typeof list>;
export type NamespaceDeleteOptions = OptionsOf<typeof remove>;

export const list = (command: Command) => command.description("list namespaces by name").option(...AS_JSON);

export const create = (command: Command) =>
  command
    .description("create a namespace")
    .argument("<name>")
    .option(...AS_JSON);

export const rename = (command: Command) =>
  command
    .description("rename a namespace; it keeps its id and its keys")
    .argument("<namespace>", "name or id")
    .argument("<name>", "the new name")
    .option(...AS_JSON);

export const remove = (command: Command) =>
  command
    .description("delete a namespace; refuses while it holds keys or a Worker is bound to it")
    .argument("<namespace>", "name or id")
    .option("--force", "delete it even if it holds keys or is bound")
    .option("-y, --yes", "do not ask")
    .option(...AS_JSON);
