import { namespaceLabel, readAssembly, type Assembly, type Namespace, type Stack } from "../../assembly/index.js";
import { InputError } from "../../errors.js";
import { findLock, readLock } from "../../lock/index.js";
import { isSameName } from "../../kv/names.js";
import type { CommandContext } from "../command.js";
import { readProject } from "../project.js";

/** How Cloudflare identifies a namespace. */
export interface NamespaceIdentity {
  readonly accountId: string;
  readonly id: string;
  readonly name: string;
}

/** What the project knows about a namespace, however it was named. */
export interface KnownNamespace {
  readonly namespace: Namespace;
  readonly stack: Stack;
}

/** The namespaces that the project's assembly describes, and those that the lock records as protected. */
export class KnownNamespaces {
  private constructor(
    private readonly all: readonly KnownNamespace[],
    private readonly lockedNames: ReadonlySet<string>,
  ) {}

  /** Reads the project's assembly; without one nothing is known. */
  static read(context: CommandContext, output?: string): KnownNamespaces {
    const stacks = assemblyInReach(context, output)?.stacks ?? [];
    return new KnownNamespaces(
      stacks.flatMap((stack) => stack.namespaces.map((namespace) => ({ namespace, stack }))),
      lockedNames(context.cwd),
    );
  }

  /** Whether a namespace that is given by its id alone has to be looked up by its name. */
  get hasProtected(): boolean {
    return this.lockedNames.size > 0 || this.all.some(({ stack }) => stack.protected);
  }

  /**
   * Whether a namespace belongs to a protected environment. The lock still knows those that no stack defines any more.
   */
  isProtected(identity: NamespaceIdentity): boolean {
    return this.find(identity)?.stack.protected ?? this.lockedNames.has(identity.name.normalize("NFC"));
  }

  /** What is known about a namespace; a protected stack takes precedence over one that only refers to it. */
  find({ accountId, id, name }: NamespaceIdentity): KnownNamespace | undefined {
    const found = this.all.filter(
      ({ namespace }) =>
        (namespace.accountId === undefined || namespace.accountId === accountId) &&
        (namespace.namespaceId === id ||
          (namespace.namespaceId === undefined && isSameName(namespaceLabel(namespace), name))),
    );
    return found.find(({ stack }) => stack.protected) ?? found.find(({ namespace }) => namespace.managed) ?? found[0];
  }

  /** The stack whose Terraform configuration creates the namespace, if any does. */
  managedBy(identity: NamespaceIdentity): Stack | undefined {
    const known = this.find(identity);
    return known?.namespace.managed === true ? known.stack : undefined;
  }
}

/** The names of namespaces that `cfkv.lock.json` protects. */
function lockedNames(folder: string): ReadonlySet<string> {
  const path = findLock([folder]);
  const stacks = path === undefined ? [] : Object.values(readLock(path)?.stacks ?? {});
  return new Set(stacks.flatMap(({ namespaces = {} }) => Object.keys(namespaces).map((name) => name.normalize("NFC"))));
}

function assemblyInReach(context: CommandContext, output: string | undefined): Assembly | undefined {
  try {
    return readAssembly(readProject(context, output).output);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.code !== "ASSEMBLY_MISSING") {
      context.notes.line(`the assembly cannot be read, so it is unknown what is protected (${error.code})`);
    }
    return undefined;
  }
}
