import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  chooseStack,
  namespaceLabel,
  readAssembly,
  type Assembly,
  type Namespace,
  type Stack,
} from "../../assembly/index.js";
import type { CloudflareClient } from "../../cloudflare/client.js";
import type { KvNamespaceClient } from "../../cloudflare/kv-namespace-client.js";
import type { EntriesTarget } from "../../data/target.js";
import { writing } from "../../data/writing.js";
import { isSameName } from "../../kv/names.js";
import { InputError, ServiceError } from "../../errors.js";
import { isHexId } from "../../kv/ids.js";
import { DATA_FOLDER, prepareDataFolder } from "../../local/dev/folder.js";
import { didYouMean } from "../../suggest.js";
import type { CommandContext } from "../command.js";
import { Clients } from "./clients.js";
import { KnownNamespaces } from "./known-namespaces.js";
import type { LocalData } from "./local-data.js";
import { endWhenInterrupted } from "./interrupt.js";
import { readProject } from "../project.js";

/** Where a namespace is looked for. */
export interface NamespaceQuery {
  /** The assembly's folder. */
  readonly output?: string;
  /** A stack or an environment, in which the namespace is named by its binding. */
  readonly stack?: string;
  /** The data of `cfkv dev` instead of Cloudflare's. */
  readonly local?: boolean;
  /** Another account than the stack's or the environment's. */
  readonly account?: string;
  /** The variable that holds the token. @default "CLOUDFLARE_API_TOKEN" */
  readonly tokenName?: string;
}

/** A namespace whose entries a command reads or writes. */
export interface OpenNamespace {
  readonly target: EntriesTarget & Pick<KvNamespaceClient, "putValue">;
  /** Its name and where it is: printed before anything changes. */
  readonly label: string;
  /** What identifies it: records of interrupted runs hold it. */
  readonly identity: string;
  /** The number of its keys, if known without listing them. */
  readonly countKeys: (prefix: string) => Promise<number | undefined>;
  /** What the stack says about it, when it was named by a stack. */
  readonly namespace?: Namespace;
  /** Whether it belongs to a protected environment, however it was named. */
  readonly protected: boolean;
}

/** Finds namespaces and keeps what that needs open: call {@link close} at the end. */
export class Namespaces {
  /** How to continue after an interruption, once there is something to continue. */
  goOn: string | undefined;
  private localData: LocalData | undefined;
  private readonly clients: Clients;

  constructor(private readonly context: CommandContext) {
    this.clients = new Clients(context);
  }

  /**
   * The namespace of a binding of a stack, of a name, or of an id.
   *
   * @throws InputError `NAMESPACE_NOT_IN_STACK`; ServiceError `NAMESPACE_NOT_FOUND`
   */
  async find(selector: string, options: NamespaceQuery): Promise<OpenNamespace> {
    if (options.local === true || options.stack !== undefined) {
      const { namespace, stack } = this.inStack(selector, options);
      return this.ofNamespace(namespace, stack, options);
    }
    const client = this.clients.open(options.account, options.tokenName);
    const byId = isHexId(selector);
    const id = byId ? selector : await this.idOf(client, selector, options);
    const known = KnownNamespaces.read(this.context, options.output);
    // An id does not show protection, so its name is looked up if anything is protected.
    const name = byId && known.hasProtected ? await nameOf(client, id) : selector;
    const isProtected = known.isProtected({ accountId: client.accountId, id, name });
    return remoteNamespace(client, id, byId ? `namespace ${id}` : `'${selector}' (${id})`, undefined, isProtected);
  }

  /** What the stack says about the namespace of a binding, a name or a logical id. */
  inStack(selector: string, options: NamespaceQuery): { namespace: Namespace; stack: Stack } {
    const stack = this.stack(options);
    return { namespace: namespaceOf(stack, selector), stack };
  }

  /** A namespace of a stack: where it is deployed, or on this machine. */
  async ofNamespace(namespace: Namespace, stack: Stack, options: NamespaceQuery): Promise<OpenNamespace> {
    const binding = namespace.binding ?? namespace.bindingNames[0];
    const origin = `${binding === undefined ? "" : `${binding} of `}stack ${stack.name}`;
    if (options.local === true) {
      const name = namespaceLabel(namespace);
      const target = await this.local(name, stack);
      const label = `'${name}', ${origin}, in the data of cfkv dev on this machine`;
      const countKeys = () => Promise.resolve(undefined);
      return { target, label, identity: `local ${name}`, countKeys, namespace, protected: false };
    }
    const client = this.clients.open(options.account ?? namespace.accountId, options.tokenName);
    const id = namespace.namespaceId ?? (await this.idInStack(client, namespaceLabel(namespace), stack));
    return remoteNamespace(
      client,
      id,
      `'${namespaceLabel(namespace)}' (${id}), ${origin},`,
      namespace,
      stack.protected,
    );
  }

  /** The stack that is named, or the one `cfkv dev` would run. */
  stack({ stack: name, output }: NamespaceQuery): Stack {
    return chooseStack(this.assembly(output), name === undefined ? {} : { name });
  }

  /**
   * The file that records the progress of a run: one for each kind of run, place and source, in the project's data
   * folder.
   *
   * @param source - what distinguishes runs into the same place, such as their files
   */
  async journal(kind: "seed" | "copy", identity: string, ...source: readonly string[]): Promise<string> {
    const folder = this.dataFolder();
    await writing(folder, () => prepareDataFolder(folder));
    const name = createHash("sha256")
      .update(JSON.stringify([identity, ...source]))
      .digest("hex")
      .slice(0, 16);
    return join(folder, "runs", `${kind}-${name}.journal`);
  }

  /** Notes that the stack's seeds are in the data of `cfkv dev`, which loads them once. */
  async recordLocalSeeds(namespace: Namespace): Promise<void> {
    const { recordSeeds } = await import("../../local/dev/seeds.js");
    await recordSeeds(this.dataFolder(), namespace);
  }

  /** Ends the process in order when the user interrupts it. */
  listen(): void {
    endWhenInterrupted(this.context, () => this.goOn);
  }

  async close(): Promise<void> {
    await this.localData?.close();
    this.localData = undefined;
  }

  private async idOf(client: CloudflareClient, name: string, options: NamespaceQuery): Promise<string> {
    const namespaces = await client.listNamespaces();
    const found =
      namespaces.find(({ namespaceName }) => namespaceName === name) ??
      namespaces.find(({ namespaceName }) => isSameName(namespaceName, name));
    if (found !== undefined) return found.id;
    const names = namespaces.map(({ namespaceName }) => namespaceName);
    const stack = this.stackWithBinding(name, options);
    throw notFound(
      client,
      `'${name}'${didYouMean(name, names)}`,
      stack === undefined
        ? "cfkv kv namespace list shows them; with --stack a namespace is named by its binding"
        : `${name} is a binding: name its stack too, as in --stack ${stack}`,
    );
  }

  private async idInStack(client: CloudflareClient, name: string, stack: Stack): Promise<string> {
    const namespaces = await client.listNamespaces();
    const found =
      namespaces.find(({ namespaceName }) => namespaceName === name) ??
      namespaces.find(({ namespaceName }) => isSameName(namespaceName, name));
    if (found !== undefined) return found.id;
    const deploy = `deploy the stack first: cdktf deploy ${stack.name}`;
    const account = this.context.env["CLOUDFLARE_ACCOUNT_ID"]?.trim() ?? "";
    const other = isHexId(account) && account !== client.accountId;
    const meant = `; if you mean account ${account} of CLOUDFLARE_ACCOUNT_ID, synthesize with it`;
    throw notFound(client, `'${name}'`, other ? deploy + meant : deploy);
  }

  /** A stack that has a binding of this name, if there is an assembly. */
  private stackWithBinding(binding: string, { output }: NamespaceQuery): string | undefined {
    try {
      const stacks = this.assembly(output).stacks.filter(({ namespaces }) =>
        namespaces.some((each) => each.binding === binding || each.bindingNames.includes(binding)),
      );
      return stacks[0]?.name;
    } catch {
      return undefined;
    }
  }

  private assembly(output: string | undefined): Assembly {
    return readAssembly(readProject(this.context, output).output);
  }

  private dataFolder(): string {
    return join(readProject(this.context).directory, DATA_FOLDER);
  }

  private async local(name: string, stack: Stack): Promise<OpenNamespace["target"]> {
    const { LocalData } = await import("./local-data.js");
    this.localData ??= new LocalData(this.dataFolder());
    const target = await this.localData.namespace(name, stack.namespaces.map(namespaceLabel));
    // The listeners that Miniflare added would end the process silently.
    this.listen();
    return target;
  }
}

/** Runs work with namespaces, and closes them afterwards, however it ends. */
export async function withNamespaces<Result>(
  context: CommandContext,
  work: (namespaces: Namespaces) => Promise<Result>,
): Promise<Result> {
  const namespaces = new Namespaces(context);
  namespaces.listen();
  try {
    return await work(namespaces);
  } finally {
    await namespaces.close();
  }
}

async function nameOf(client: CloudflareClient, namespaceId: string): Promise<string> {
  const found = (await client.listNamespaces()).find(({ id }) => id === namespaceId);
  return found?.namespaceName ?? namespaceId;
}

function remoteNamespace(
  client: CloudflareClient,
  id: string,
  name: string,
  namespace: Namespace | undefined,
  isProtected: boolean,
): OpenNamespace {
  return {
    target: client.namespace(id),
    label: `${name} in account ${client.accountId} at ${new URL(client.baseUrl).host}`,
    identity: `${client.baseUrl} ${client.accountId} ${id}`,
    countKeys: (prefix) => (prefix === "" ? client.keyCount(id) : Promise.resolve(undefined)),
    ...(namespace === undefined ? {} : { namespace }),
    protected: isProtected,
  };
}

function namespaceOf({ name: stackName, namespaces }: Stack, selector: string): Namespace {
  const namesOf = ({ binding, bindingNames, name, logicalId, namespaceId }: Namespace) =>
    [binding, ...bindingNames, name, logicalId, namespaceId].filter((each) => each !== undefined);
  // A binding before a name: one namespace's binding may be another's name.
  const found =
    namespaces.find(({ binding }) => binding === selector) ??
    namespaces.find((each) => namesOf(each).some((one) => isSameName(one, selector)));
  if (found !== undefined) return found;
  const known = namespaces.map((each) => each.binding ?? each.bindingNames[0] ?? namespaceLabel(each));
  throw new InputError(
    "NAMESPACE_NOT_IN_STACK",
    `stack '${stackName}' has no namespace '${selector}'${didYouMean(selector, known)}`,
    known.length === 0 ? "cfkv list shows the namespaces of every stack" : `name one of: ${known.join(", ")}`,
  );
}

function notFound({ accountId }: CloudflareClient, what: string, hint: string): ServiceError {
  return new ServiceError("NAMESPACE_NOT_FOUND", `account ${accountId} has no namespace named ${what}`, hint);
}
