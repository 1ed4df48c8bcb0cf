import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  chooseStack,
  namespaceLabel,
  readAssembly,
  type Assembly,
  type Namespace,
  type Stack,
} from "../assembly/index.js";
import type { CloudflareClient } from "../cloudflare/client.js";
import type { KvNamespaceClient } from "../cloudflare/kv-namespace-client.js";
import type { EntriesTarget } from "../data/target.js";
import { InputError, ServiceError } from "../errors.js";
import { isHexId } from "../kv/ids.js";
import { DATA_FOLDER, prepareDataFolder } from "../local/dev-folder.js";
import { didYouMean } from "../suggest.js";
import type { CommandContext } from "./command.js";
import { openClient } from "./data-client.js";
import { readProject } from "./project.js";

/** Where a namespace is looked for. */
export interface PlaceOptions {
  /** The assembly's folder. */
  readonly output?: string;
  /** A stack or an environment, in which the namespace is named by its binding. */
  readonly stack?: string;
  /** The data of `cfkv dev` instead of Cloudflare's. */
  readonly local?: boolean;
  /** Another account than the stack's or the environment's. */
  readonly account?: string;
}

/** A namespace whose entries a command reads or writes. */
export interface Place {
  readonly target: EntriesTarget & Pick<KvNamespaceClient, "putValue">;
  /** What to call it, with where it is: printed before anything changes. */
  readonly label: string;
  /** What tells it from every other: records of interrupted runs hold it. */
  readonly identity: string;
  /** What the stack says about it, when it was named by a stack. */
  readonly namespace?: Namespace;
  /** Whether the stack's environment is protected. */
  readonly protected: boolean;
}

/** Finds namespaces, and keeps what was opened for it: call {@link close} at the end. */
export class Places {
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(private readonly context: CommandContext) {}

  /**
   * The namespace of a binding of a stack, of a name, or of an id.
   *
   * @throws InputError `NAMESPACE_NOT_IN_STACK`; ServiceError `NAMESPACE_NOT_FOUND`
   */
  async find(selector: string, options: PlaceOptions): Promise<Place> {
    if (options.local === true || options.stack !== undefined) {
      const { namespace, stack } = this.inStack(selector, options);
      return this.ofNamespace(namespace, stack, options);
    }
    const client = openClient(this.context, options.account);
    const id = isHexId(selector) ? selector : await idOf(client, selector);
    return remotePlace(client, id, isHexId(selector) ? `namespace ${id}` : `'${selector}' (${id})`, undefined, false);
  }

  /** What the stack says about the namespace of a binding, a name or a logical id. */
  inStack(selector: string, options: PlaceOptions): { namespace: Namespace; stack: Stack } {
    const stack = this.stack(options);
    return { namespace: namespaceOf(stack, selector), stack };
  }

  /** A namespace of a stack: where it is deployed, or on this machine. */
  async ofNamespace(namespace: Namespace, stack: Stack, options: PlaceOptions): Promise<Place> {
    const binding = namespace.binding ?? namespace.bindingNames[0];
    const origin = `${binding === undefined ? "" : `${binding} of `}stack ${stack.name}`;
    if (options.local === true) {
      const name = namespaceLabel(namespace);
      const target = await this.local(name);
      const label = `'${name}', ${origin}, in the data of cfkv dev on this machine`;
      return { target, label, identity: `local ${name}`, namespace, protected: false };
    }
    const client = openClient(this.context, options.account ?? namespace.accountId);
    const id = namespace.namespaceId ?? (await idOf(client, namespaceLabel(namespace), stack));
    return remotePlace(client, id, `'${namespaceLabel(namespace)}' (${id}), ${origin},`, namespace, stack.protected);
  }

  /** The stack that is named, or the one `cfkv dev` would run. */
  stack({ stack: name, output }: PlaceOptions): Stack {
    return chooseStack(this.assembly(output), name === undefined ? {} : { name });
  }

  /** The file that records how far a run came: one for each kind of run and place, in the project's data folder. */
  async journal(kind: "seed" | "copy", identity: string): Promise<string> {
    const folder = join(readProject(this.context).directory, DATA_FOLDER);
    await prepareDataFolder(folder);
    const name = createHash("sha256").update(identity).digest("hex").slice(0, 16);
    return join(folder, "runs", `${kind}-${name}.journal`);
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
  }

  private assembly(output: string | undefined): Assembly {
    return readAssembly(readProject(this.context, output).output);
  }

  private async local(name: string): Promise<Place["target"]> {
    const { openLocalNamespace } = await import("./data-local.js");
    const { target, close } = await openLocalNamespace(join(readProject(this.context).directory, DATA_FOLDER), name);
    this.closers.push(close);
    return target;
  }
}

/** Runs work with places that are closed after it, however it ends. */
export async function withPlaces<Result>(
  context: CommandContext,
  work: (places: Places) => Promise<Result>,
): Promise<Result> {
  const places = new Places(context);
  try {
    return await work(places);
  } finally {
    await places.close();
  }
}

function remotePlace(
  client: CloudflareClient,
  id: string,
  name: string,
  namespace: Namespace | undefined,
  isProtected: boolean,
): Place {
  return {
    target: client.namespace(id),
    label: `${name} in account ${client.accountId} at ${new URL(client.baseUrl).host}`,
    identity: `${client.baseUrl} ${client.accountId} ${id}`,
    ...(namespace === undefined ? {} : { namespace }),
    protected: isProtected,
  };
}

function namespaceOf({ name: stackName, namespaces }: Stack, selector: string): Namespace {
  const namesOf = ({ binding, bindingNames, name, logicalId, namespaceId }: Namespace) =>
    [binding, ...bindingNames, name, logicalId, namespaceId].filter((each) => each !== undefined);
  // A binding before a name: what one namespace is bound as may be what another is called.
  const found =
    namespaces.find(({ binding }) => binding === selector) ??
    namespaces.find((each) => namesOf(each).includes(selector));
  if (found !== undefined) return found;
  const known = namespaces.map((each) => each.binding ?? each.bindingNames[0] ?? namespaceLabel(each));
  throw new InputError(
    "NAMESPACE_NOT_IN_STACK",
    `stack '${stackName}' has no namespace '${selector}'${didYouMean(selector, known)}`,
    known.length === 0 ? "cfkv list shows the namespaces of every stack" : `name one of: ${known.join(", ")}`,
  );
}

async function idOf(client: CloudflareClient, name: string, stack?: Stack): Promise<string> {
  const namespaces = await client.listNamespaces();
  const found = namespaces.find(({ namespaceName }) => namespaceName === name);
  if (found !== undefined) return found.id;
  const names = namespaces.map(({ namespaceName }) => namespaceName);
  throw new ServiceError(
    "NAMESPACE_NOT_FOUND",
    `account ${client.accountId} has no namespace named '${name}'${stack === undefined ? didYouMean(name, names) : ""}`,
    stack === undefined
      ? "cfkv kv namespace list shows them; with --stack a namespace is named by its binding"
      : `deploy the stack first: cdktf deploy ${stack.name}`,
  );
}
