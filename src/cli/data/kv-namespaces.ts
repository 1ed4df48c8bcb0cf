import type { CloudflareClient, NamespaceInfo } from "../../cloudflare/client.js";
import { mapOrdered } from "../../data/map-ordered.js";
import { CONCURRENT_REQUESTS } from "../../data/target.js";
import { InputError, ServiceError } from "../../errors.js";
import { isHexId } from "../../kv/ids.js";
import { namespaceNameProblem } from "../../kv/rules.js";
import { didYouMean } from "../../suggest.js";
import { columns } from "../terminal/columns.js";
import type { CommandContext } from "../command.js";
import type { NamespaceDeleteOptions, NamespaceOptions } from "../commands/kv-namespaces.js";
import { confirm } from "../terminal/confirm.js";
import { openClient } from "../data/clients.js";

/** `cfkv kv namespace list`. */
export async function listNamespaces(options: NamespaceOptions, context: CommandContext): Promise<void> {
  const namespaces = await openClient(context).listNamespaces();
  if (options.json === true) {
    context.results.json(namespaces);
    return;
  }
  for (const line of columns(namespaces.map(({ id, namespaceName }) => [namespaceName, id]))) {
    context.results.line(line);
  }
}

/** `cfkv kv namespace create`. */
export async function createNamespace(name: string, options: NamespaceOptions, context: CommandContext): Promise<void> {
  checkName(name);
  const created = await openClient(context).createNamespace(name);
  if (options.json === true) context.results.json(created);
  else context.results.line(created.id);
}

/** `cfkv kv namespace rename`. */
export async function renameNamespace(
  selector: string,
  name: string,
  options: NamespaceOptions,
  context: CommandContext,
): Promise<void> {
  checkName(name);
  const client = openClient(context);
  const { id, namespaceName } = await find(client, selector);
  await client.renameNamespace(id, name);
  context.notes.line(`'${namespaceName}' is now '${name}'`);
  if (options.json === true) context.results.json({ id, namespaceName: name });
}

/** `cfkv kv namespace delete`. */
export async function deleteNamespace(
  selector: string,
  options: NamespaceDeleteOptions,
  context: CommandContext,
): Promise<void> {
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
