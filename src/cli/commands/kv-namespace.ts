import type { Command } from "commander";
import type { CloudflareClient, NamespaceInfo } from "../../cloudflare/client.js";
import { mapOrdered } from "../../data/map-ordered.js";
import { CONCURRENT_REQUESTS } from "../../data/target.js";
import { InputError, ServiceError } from "../../errors.js";
import { isHexId } from "../../kv/ids.js";
import { namespaceNameProblem } from "../../kv/rules.js";
import { didYouMean } from "../../suggest.js";
import { columns } from "../terminal/columns.js";
import type { CommandContext } from "../command.js";
import { confirm } from "../terminal/confirm.js";
import { openClient } from "../data/clients.js";

interface Options {
  readonly json?: true;
  readonly force?: true;
  readonly yes?: true;
}

/** `cfkv kv namespace`: for namespaces that no stack manages; those of a stack are changed by deploying it. */
export function defineNamespaceCommands(command: Command, context: CommandContext): void {
  command.description("namespaces of the account; those of a stack are changed by deploying it");
  command
    .command("list")
    .description("list namespaces by name")
    .option("--json", "print as JSON")
    .action(async (options: Options) => {
      const namespaces = await openClient(context).listNamespaces();
      if (options.json === true) context.results.json(namespaces);
      else
        for (const line of columns(namespaces.map(({ id, namespaceName }) => [namespaceName, id])))
          context.results.line(line);
    });
  command
    .command("create")
    .description("create a namespace")
    .argument("<name>")
    .option("--json", "print as JSON")
    .action(async (name: string, options: Options) => {
      checkName(name);
      const created = await openClient(context).createNamespace(name);
      if (options.json === true) context.results.json(created);
      else context.results.line(created.id);
    });
  command
    .command("rename")
    .description("rename a namespace; its id and its keys stay")
    .argument("<namespace>", "name or id")
    .argument("<name>", "the new name")
    .option("--json", "print as JSON")
    .action(async (selector: string, name: string, options: Options) => {
      checkName(name);
      const client = openClient(context);
      const { id, namespaceName } = await find(client, selector);
      await client.renameNamespace(id, name);
      context.notes.line(`'${namespaceName}' is now '${name}'`);
      if (options.json === true) context.results.json({ id, namespaceName: name });
    });
  command
    .command("delete")
    .description("delete a namespace; refuses while it holds keys or a Worker is bound to it")
    .argument("<namespace>", "name or id")
    .option("--force", "delete it though it holds keys or is bound")
    .option("-y, --yes", "do not ask")
    .option("--json", "print as JSON")
    .action((selector: string, options: Options) => deleteNamespace(selector, options, context));
}

async function deleteNamespace(selector: string, options: Options, context: CommandContext): Promise<void> {
  const client = openClient(context);
  const { id, namespaceName } = await find(client, selector);
  context.notes.line(
    `target: '${namespaceName}' (${id}) in account ${client.accountId} at ${new URL(client.baseUrl).host}`,
  );
  const { keys, cursor } = await client.namespace(id).listKeys();
  const bound = await boundTo(client, id);
  const holds = keys.length === 0 ? [] : [`holds ${keys.length}${cursor === undefined ? "" : " or more"} keys`];
  const reasons = [...holds, ...bound.map((each) => `is bound to ${each}`)];
  if (reasons.length > 0 && options.force !== true) {
    throw new InputError(
      "NAMESPACE_IN_USE",
      [`'${namespaceName}' is not deleted, as it`, ...reasons.map((reason) => `  ${reason}`)].join("\n"),
      "keep its keys with cfkv export, take out the bindings and deploy, or add --force",
    );
  }
  const losing = reasons.length === 0 ? "" : `, though it ${reasons.join(", ")}`;
  await confirm(context, `delete namespace '${namespaceName}'${losing}`, options.yes);
  await client.deleteNamespace(id);
  context.notes.line(`'${namespaceName}' deleted`);
  if (options.json === true) context.results.json({ id, namespaceName, deleted: true });
}

/** `Worker 'shop-api' as SESSIONS` for each binding: Cloudflare itself does not always refuse. */
async function boundTo(client: CloudflareClient, namespaceId: string): Promise<string[]> {
  const bound: string[] = [];
  const read = async (worker: string) => ({ worker, bindings: await client.kvBindingsOf(worker) });
  for await (const { worker, bindings } of mapOrdered(await client.listWorkers(), CONCURRENT_REQUESTS, read)) {
    for (const each of bindings)
      if (each.namespaceId === namespaceId) bound.push(`Worker '${worker}' as ${each.binding}`);
  }
  return bound;
}

async function find(client: CloudflareClient, selector: string): Promise<NamespaceInfo> {
  const namespaces = await client.listNamespaces();
  const found = namespaces.find(({ id, namespaceName }) => (isHexId(selector) ? id : namespaceName) === selector);
  if (found !== undefined) return found;
  const names = namespaces.map(({ namespaceName }) => namespaceName);
  throw new ServiceError(
    "NAMESPACE_NOT_FOUND",
    `account ${client.accountId} has no namespace '${selector}'${didYouMean(selector, names)}`,
    "cfkv kv namespace list shows them",
  );
}

function checkName(name: string): void {
  const problem = namespaceNameProblem(name);
  if (problem !== undefined) throw new InputError("NAMESPACE_NAME_INVALID", problem);
}
