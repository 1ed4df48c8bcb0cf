import { command } from "../command.js";

export const DESCRIPTION = "manage namespaces of the account; namespaces of a stack are changed by deploying it";

export const COMMANDS = [
  command(
    "list",
    "list namespaces by name",
    async () => (await import("./kv-namespaces.js")).list,
    async () => (await import("../data/kv-namespaces.js")).listNamespaces,
  ),
  command(
    "create",
    "create a namespace",
    async () => (await import("./kv-namespaces.js")).create,
    async () => (await import("../data/kv-namespaces.js")).createNamespace,
  ),
  command(
    "rename",
    "rename a namespace; it keeps its id and its keys",
    async () => (await import("./kv-namespaces.js")).rename,
    async () => (await import("../data/kv-namespaces.js")).renameNamespace,
  ),
  command(
    "delete",
    "delete a namespace; refuses while it holds keys or a Worker is bound to it",
    async () => (await import("./kv-namespaces.js")).remove,
    async () => (await import("../data/kv-namespaces.js")).deleteNamespace,
  ),
];
