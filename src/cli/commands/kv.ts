import type { Command } from "commander";
import type { DefineCommand } from "../command.js";
import type { PlaceOptions } from "../data/places.js";
import { defineNamespaceCommands } from "./kv-namespace.js";
import { withOutputOption } from "../project.js";

/** What every command on the keys of a namespace takes. */
export interface KvOptions extends PlaceOptions {
  readonly json?: true;
}

/** `cfkv kv`: single keys, and namespaces. */
export const define: DefineCommand = (command, context) => {
  command.description("read and write single keys; list, create, rename and delete namespaces");
  ofNamespace(command.command("get"))
    .description("print a value; fails when there is no such key")
    .argument("<key>")
    .option("--path <file>", "write the bytes to a file instead (needed for a value that is not text)")
    .action(async (namespace: string, key: string, options: KvOptions & { path?: string }) => {
      const { getKey } = await import("./kv-keys.js");
      await getKey(namespace, key, options, context);
    });
  ofNamespace(command.command("put"))
    .description("write a value")
    .argument("<key>")
    .argument("[value]", "the value as text (default: read from --path or stdin)")
    .option("--path <file>", "a file whose bytes are the value")
    .option("--ttl <seconds>", "lifetime, at least 60 (default: the namespace's ttlSeconds)")
    .option("--expiration <time>", "seconds since 1970 at which the key expires")
    .option("--metadata <json>", "any JSON, at most 1024 bytes")
    .option("-y, --yes", "do not ask in a protected environment")
    .action(async (namespace: string, key: string, value: string | undefined, options: KvOptions) => {
      const { putKey } = await import("./kv-keys.js");
      await putKey(namespace, key, value, options, context);
    });
  ofNamespace(command.command("delete"))
    .description("delete keys")
    .argument("<keys...>")
    .option("-y, --yes", "do not ask in a protected environment")
    .action(async (namespace: string, keys: string[], options: KvOptions) => {
      const { deleteKeysNamed } = await import("./kv-keys.js");
      await deleteKeysNamed(namespace, keys, options, context);
    });
  ofNamespace(command.command("list"))
    .description("list keys with their expiration and metadata")
    .option("--prefix <prefix>", "only keys that begin with it")
    .option("--limit <number>", "at most as many (default: all)")
    .action(async (namespace: string, options: KvOptions & { prefix?: string; limit?: string }) => {
      const { listKeys } = await import("./kv-list.js");
      await listKeys(namespace, options, context);
    });
  defineNamespaceCommands(command.command("namespace"), context);
};

function ofNamespace(command: Command): Command {
  return withOutputOption(command)
    .argument("<namespace>", "name or id; with --stack or --local also a binding")
    .option("-s, --stack <stack>", "the stack or environment, in which the namespace is named by its binding")
    .option("--local", "the data of cfkv dev instead of Cloudflare")
    .option("--json", "print as JSON");
}
