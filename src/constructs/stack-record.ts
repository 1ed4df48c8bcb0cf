import { Aspects, TerraformElement, type TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import {
  CFKV_VERSION,
  type CfkvEnvironment,
  type CfkvNamespace,
  type CfkvRecord,
  type CfkvWorker,
} from "../assembly/cfkv-record.js";
import type { Defined, Leaving, StackPlan } from "../lock/index.js";
import { AppLock } from "./app-lock.js";
import { KvChecks } from "./checks.js";
import { stackOf } from "./core.js";
import { byText } from "../values/text.js";
import { isPreviewEnvironment } from "./environment-names.js";
import { PROVIDER_VERSION } from "./defaults.js";
import type { IKvNamespace } from "./kv-namespace-props.js";
import { constraintOf, type ProviderNeed, rangeFor } from "./provider-range.js";

const ID = "cfkv";
const PROVIDER_VERSION_PATH = "terraform.required_providers.cloudflare.version";

/** The names that an EnvironmentSet has for one of its namespaces. */
export interface NamespaceRole {
  readonly binding: string;
  readonly purpose: string;
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

  environment: CfkvEnvironment | undefined;
  /** Only in an EnvironmentSet. */
  roles: ReadonlyMap<IKvNamespace, NamespaceRole> = new Map();
  private readonly namespaces = new Map<IKvNamespace, () => [id: string, record: CfkvNamespace]>();
  /** The names that an EnvironmentSet has for its Workers. */
  workerKeys: ReadonlyMap<IConstruct, string> = new Map();
  private readonly workers: (() => [id: string, record: CfkvWorker])[] = [];
  private readonly scripts: (() => [id: string, attributes: Readonly<Record<string, unknown>>])[] = [];
  private readonly handedOver: (() => readonly string[])[] = [];
  private readonly variables = new Map<string, string>();
  private readonly needs: ProviderNeed[] = [];
  private asked = PROVIDER_VERSION;

  private readonly things: (() => Omit<Defined, "isRecorded">)[] = [];
  private readonly retired = new Set<string>();
  private readonly deleted = new Set<string>();
  private plan: StackPlan | undefined;

  private constructor(readonly stack: TerraformStack) {
    super(stack, ID);
    AppLock.of(stack).add(stack, this);
    if (this.providerVersion === undefined) stack.addOverride(PROVIDER_VERSION_PATH, PROVIDER_VERSION);
    Aspects.of(stack).add(new KvChecks());
    Aspects.of(stack).add({
      visit: (node) => {
        // The moves are known once every logical id is; later aspects rarely change those.
        if (node === stack) this.plan = AppLock.of(stack).planOf(stack);
      },
    });
  }

  /** What the author allowed to leave the stack. */
  get leaving(): Leaving {
    return { retired: [...this.retired], deleted: [...this.deleted] };
  }

  /** Names what may leave the stack: to be forgotten by Terraform, or to be deleted. */
  addLeaving({ retired = [], deleted = [] }: Partial<Leaving>): void {
    for (const name of retired) this.retired.add(name);
    for (const name of deleted) this.deleted.add(name);
  }

  /** Adds something whose name is its identity; its addresses are read when the stack is synthesized. */
  addLocked(read: () => Omit<Defined, "isRecorded">): void {
    this.things.push(read);
  }

  /** Everything with a name of its own. Developers' copies and previews come and go, and are not recorded. */
  lockedThings(): Defined[] {
    const { environment } = this;
    const comesAndGoes = environment !== undefined && (environment.developer !== undefined || isPreview(environment));
    return this.things.map((read) => {
      const one = read();
      const isUnprotected = environment?.protected === false && (one.kind === "workers" || !one.isProtected);
      return { ...one, isRecorded: !comesAndGoes && !isUnprotected };
    });
  }

  /** The range of provider versions that the stack requires, wherever it was set. */
  get providerVersion(): string | undefined {
    // The only field of cdktf that shows whether the user has chosen a version already.
    const overrides = this.stack["rawOverrides"] as {
      terraform?: { required_providers?: { cloudflare?: { version?: string } } };
    };
    return overrides.terraform?.required_providers?.cloudflare?.version;
  }

  /**
   * Why no provider version supports both this and what the stack needs already; a version that the user chose is not
   * checked.
   */
  providerProblem(needs: readonly ProviderNeed[]): string | undefined {
    if (this.providerVersion !== this.asked) return undefined;
    const range = rangeFor([...this.needs, ...needs]);
    return "problem" in range ? range.problem : undefined;
  }

  /** Requires a provider version that supports this too, unless the user chose one. */
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
  addNamespace(namespace: IKvNamespace, record: () => [id: string, record: CfkvNamespace]): void {
    this.namespaces.set(namespace, record);
  }

  addWorker(record: () => [id: string, record: CfkvWorker]): void {
    this.workers.push(record);
  }

  /** Records a script that another tool deploys, in the provider's words. */
  addScript(record: () => [id: string, attributes: Readonly<Record<string, unknown>>]): void {
    this.scripts.push(record);
  }

  /** Addresses that Terraform may have had, and must forget without deleting anything. */
  addHandedOver(addresses: () => readonly string[]): void {
    this.handedOver.push(addresses);
  }

  /** Claims a Terraform variable's name for a construct; returns the path of another that has it already. */
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
    const cfkv: CfkvRecord = {
      version: CFKV_VERSION,
      ...this.environment,
      namespaces: Object.fromEntries(namespaces),
      workers: Object.fromEntries(this.workers.map((record) => record())),
      ...(this.scripts.length > 0 && { scripts: Object.fromEntries(this.scripts.map((record) => record())) }),
      ...(this.deleted.size > 0 && { deleted: [...this.deleted].sort(byText) }),
    };
    return { "//": { cfkv }, ...this.lifecycleBlocks() };
  }

  private lifecycleBlocks(): { moved?: readonly object[]; removed?: readonly object[] } {
    const { moved = [], removed: retired = [] } = this.plan ?? {};
    const removed = [...new Set([...retired, ...this.handedOver.flatMap((addresses) => addresses())])];
    return {
      ...(moved.length > 0 && { moved: [...moved].sort((a, b) => byText(a.from, b.from)) }),
      ...(removed.length > 0 && {
        removed: [...removed].sort(byText).map((from) => ({ from, lifecycle: { destroy: false } })),
      }),
    };
  }
}

function isPreview({ environment, protected: isProtected }: CfkvEnvironment): boolean {
  return !isProtected && isPreviewEnvironment(environment);
}
