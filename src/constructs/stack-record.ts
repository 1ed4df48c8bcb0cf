import { Aspects, TerraformElement, type TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { KvChecks } from "./checks.js";
import { stackOf } from "./core.js";
import { PROVIDER_VERSION } from "./defaults.js";
import type { IKvNamespace } from "./kv-namespace.js";
import { constraintOf, type ProviderNeed, rangeFor } from "./provider-range.js";

const ID = "cfkv";
const PROVIDER_VERSION_PATH = "terraform.required_providers.cloudflare.version";

/** Which environment of an EnvironmentSet a stack is. */
export interface EnvironmentRecord {
  readonly app: string;
  readonly environment: string;
  readonly developer?: string;
  readonly protected: boolean;
}

/** How an EnvironmentSet calls one of its namespaces. */
export interface NamespaceRole {
  readonly binding: string;
  readonly purpose: string;
}

/** What the assembly says of a namespace beyond Terraform's attributes. */
export interface NamespaceRecord {
  readonly namespaceName?: string;
  readonly ttlSeconds?: number;
  readonly description?: string;
  /** Paths relative to the stack's folder. */
  readonly seed?: readonly string[];
}

/** What the assembly says of a Worker beyond Terraform's attributes. */
export interface WorkerRecord {
  /** The Terraform variable of each secret. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/**
 * The one record of a stack that travels in the `//` metadata of its JSON, which
 * Terraform ignores: what the local server, seeding and reports need and no
 * attribute can hold. It also pins the provider and starts the checks.
 */
export class StackRecord extends TerraformElement {
  /** The record of the stack that a construct is defined in. */
  static of(construct: IConstruct): StackRecord {
    const stack = stackOf(construct);
    return (stack.node.tryFindChild(ID) as StackRecord | undefined) ?? new StackRecord(stack);
  }

  environment: EnvironmentRecord | undefined;
  /** Only in an EnvironmentSet. */
  roles: ReadonlyMap<IKvNamespace, NamespaceRole> = new Map();
  private readonly namespaces = new Map<IKvNamespace, () => [id: string, record: NamespaceRecord]>();
  private readonly workers: (() => [id: string, record: WorkerRecord])[] = [];
  private readonly variables = new Map<string, string>();
  private readonly needs: ProviderNeed[] = [];
  private asked = PROVIDER_VERSION;

  private constructor(private readonly stack: TerraformStack) {
    super(stack, ID);
    if (this.providerVersion === undefined) stack.addOverride(PROVIDER_VERSION_PATH, PROVIDER_VERSION);
    Aspects.of(stack).add(new KvChecks());
  }

  /** The range of provider versions that the stack asks for, wherever it was set. */
  get providerVersion(): string | undefined {
    // The one field of cdktf that tells whether the user has chosen a version already.
    const overrides = this.stack["rawOverrides"] as {
      terraform?: { required_providers?: { cloudflare?: { version?: string } } };
    };
    return overrides.terraform?.required_providers?.cloudflare?.version;
  }

  /** Why no provider can do what is needed here already and this too; the user's own choice is left to the user. */
  providerProblem(needs: readonly ProviderNeed[]): string | undefined {
    if (this.providerVersion !== this.asked) return undefined;
    const range = rangeFor([...this.needs, ...needs]);
    return "problem" in range ? range.problem : undefined;
  }

  /** Asks for a provider that can do this too, unless the user has asked for one. */
  requireProvider(needs: readonly ProviderNeed[]): void {
    this.needs.push(...needs);
    const range = rangeFor(this.needs);
    if ("problem" in range || this.providerVersion !== this.asked) return;
    this.asked = constraintOf(range);
    this.stack.addOverride(PROVIDER_VERSION_PATH, this.asked);
  }

  /** What the stack's constructs need of the provider, as a copy. */
  get providerNeeds(): readonly ProviderNeed[] {
    return [...this.needs];
  }

  /** Logical ids may still be overridden, so records are read when the stack is synthesized. */
  addNamespace(namespace: IKvNamespace, record: () => [id: string, record: NamespaceRecord]): void {
    this.namespaces.set(namespace, record);
  }

  addWorker(record: () => [id: string, record: WorkerRecord]): void {
    this.workers.push(record);
  }

  /** Takes a Terraform variable's name for a construct; returns the path of another that has it already. */
  claimVariable(name: string, path: string): string | undefined {
    const owner = this.variables.get(name);
    if (owner === undefined) this.variables.set(name, path);
    return owner;
  }

  override toTerraform(): unknown {
    const namespaces = [...this.namespaces].map(([namespace, read]) => {
      const [id, record] = read();
      const binding = this.roles.get(namespace)?.binding;
      return [id, binding === undefined ? record : { ...record, binding }] as const;
    });
    return {
      "//": {
        cfkv: {
          version: 1,
          ...this.environment,
          namespaces: Object.fromEntries(namespaces),
          workers: Object.fromEntries(this.workers.map((record) => record())),
        },
      },
    };
  }
}
