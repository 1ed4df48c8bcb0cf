import type { CloudflareClient, NamespaceInfo } from "../../cloudflare/client.js";
import { CloudflareError } from "../../cloudflare/errors.js";
import { mapOrdered } from "../../data/map-ordered.js";
import { CONCURRENT_REQUESTS } from "../../data/target.js";
import { InputError, ServiceError } from "../../errors.js";
import { isHexId } from "../../kv/ids.js";
import { namespaceNameProblem } from "../../kv/rules.js";
import { didYouMean } from "../../suggest.js";
import { count } from "../../values/text.js";
import { columns } from "../terminal/columns.js";
import type { CommandContext } from "../command.js";
import type { NamespaceDeleteOptions, NamespaceOptions } from "../commands/kv-namespaces.js";
import { confirm } from "../terminal/confirm.js";
import { openClient } from "../data/clients.js";
import { KnownNamespaces } from "../data/known-namespaces.js";

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
  const stack = managedBy(client, { id, namespaceName }, context);
  if (stack !== undefined) {
    throw new InputError(
      "NAMESPACE_MANAGED",
      `'${namespaceName}' is managed by stack '${stack.name}': the next apply would change its name back`,
      `set namespaceName to '${name}' where stack '${stack.name}' is defined, synthesize and deploy it`,
    );
  }
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
  const bound = await boundTo(client, id, { force: options.force ?? false, context });
  const holds =
    keys.length === 0 && cursor === undefined
      ? []
      : [`holds ${cursor === undefined ? count(keys.length, "key") : `${keys.length} or more keys`}`];
  const stack = managedBy(client, { id, namespaceName }, context);
  const managed = stack === undefined ? [] : [`is managed by stack '${stack.name}'`];
  const reasons = [...managed, ...holds, ...bound.map((each) => `is bound to ${each}`)];
  if (reasons.length > 0 && options.force !== true) {
    throw new InputError(
      "NAMESPACE_IN_USE",
      [`refusing to delete '${namespaceName}':`, ...reasons.map((reason) => `  it ${reason}`)].join("\n"),
      stack === undefined
        ? "save its keys with cfkv export, remove the bindings and deploy, or add --force"
        : `remove it from stack '${stack.name}' and deploy, or add --force`,
    );
  }
  const losing = reasons.length === 0 ? "" : `, although it ${reasons.join(", ")}`;
  await confirm(context, `delete namespace '${namespaceName}'${losing}`, options.yes);
  await client.deleteNamespace(id);
  context.notes.line(`'${namespaceName}' deleted`);
  if (options.json === true) context.results.json({ id, namespaceName, deleted: true });
}

function managedBy(client: CloudflareClient, { id, namespaceName }: NamespaceInfo, context: CommandContext) {
  return KnownNamespaces.read(context).managedBy({ accountId: client.accountId, id, name: namespaceName });
}

/**
 * `Worker 'shop-api' as SESSIONS` for each binding: Cloudflare itself does not always refuse.
 *
 * @throws CloudflareError `CLOUDFLARE_FORBIDDEN` when the token may not read Workers, unless `force` skips the check
 */
async function boundTo(
  client: CloudflareClient,
  namespaceId: string,
  { force, context }: { readonly force: boolean; readonly context: CommandContext },
): Promise<string[]> {
  try {
    return await bindingsTo(client, namespaceId);
  } catch (error) {
    if (!(error instanceof CloudflareError) || error.code !== "CLOUDFLARE_FORBIDDEN") throw error;
    if (force) {
      context.notes.line("the token cannot read Workers, so it is unknown whether one is bound to the namespace");
      return [];
    }
    throw new CloudflareError(
      "CLOUDFLARE_FORBIDDEN",
      "the token cannot read Workers, so it is unknown whether one is bound to the namespace",
      "add the permission 'Workers Scripts: Read' to the token, or add --force to delete without that check",
      error.status,
      { cause: error },
    );
  }
}

async function bindingsTo(client: CloudflareClient, namespaceId: string): Promise<string[]> {
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
