import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, LOCAL, OUTPUT, PREFIX, STACK, YES } from "../options.js";

export type KvGetOptions = OptionsOf<typeof get>;
export type KvPutOptions = OptionsOf<typeof put>;
export type KvDeleteOptions = OptionsOf<typeof remove>;
export type KvListOptions = OptionsOf<typeof list>;

export const get = (command: Command) =>
  ofNamespace(command)
    .description("print a value; fails when there is no such key")
    .argument("<key>")
    .option("--path <file>", "write the bytes to a file instead (required for a binary value)");

export const put = (command: Command) =>
  ofNamespace(command)
    .description("write a value")
    .argument("<key>")
    .argument("[value]", "the value as text (default: read from --path or stdin)")
    .option("--path <file>", "a file whose bytes are the value")
    .option("--ttl <seconds>", "lifetime, at least 60 (default: the namespace's ttlSeconds)")
    .option("--expiration <time>", "seconds since 1970 at which the key expires")
    .option("--metadata <json>", "any JSON, at most 1024 bytes")
    .option(...YES);

export const remove = (command: Command) =>
  ofNamespace(command)
    .description("delete keys")
    .argument("<keys...>")
    .option(...YES);

export const list = (command: Command) =>
  ofNamespace(command)
    .description("list keys with their expiration and metadata")
    .option(...PREFIX)
    .option("--limit <number>", "the most keys to print (default: all)");

function ofNamespace(command: Command) {
  return command
    .argument("<namespace>", "name or id; with --stack or --local also a binding")
    .option(...OUTPUT)
    .option(...STACK)
    .option(...LOCAL)
    .option(...AS_JSON);
}
