import { command, group } from "../command.js";

export const DESCRIPTION = "read and write single keys; list, create, rename and delete namespaces";

export const COMMANDS = [
  command(
    "get",
    "print a value; fails when there is no such key",
    async () => (await import("./kv-keys.js")).get,
    async () => (await import("../data/kv-keys.js")).getKey,
  ),
  command(
    "put",
    "write a value",
    async () => (await import("./kv-keys.js")).put,
    async () => (await import("../data/kv-keys.js")).putKey,
  ),
  command(
    "delete",
    "delete keys",
    async () => (await import("./kv-keys.js")).remove,
    async () => (await import("../data/kv-keys.js")).deleteKeysNamed,
  ),
  command(
    "list",
    "list keys with their expiration and metadata",
    async () => (await import("./kv-keys.js")).list,
    async () => (await import("../data/kv-list.js")).listKeys,
  ),
  group("namespace", "manage the namespaces of the account", () => import("./kv-namespace.js")),
];
