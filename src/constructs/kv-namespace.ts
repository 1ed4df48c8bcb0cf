import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { WorkersKvNamespace } from "@cdktf/provider-cloudflare/lib/workers-kv-namespace/index.js";
import { WorkersKv } from "@cdktf/provider-cloudflare/lib/workers-kv/index.js";
import { AssetType, type ITerraformDependable, Lazy, TerraformAsset, type TerraformProvider, Token } from "cdktf";
import { Construct } from "constructs";
import { HEX_ID_FORM, isHexId } from "../kv/ids.js";
import * as KV_LIMITS from "../kv/limits.js";
import { descriptionProblem, namespaceNameProblem, ttlSecondsProblem } from "../kv/rules.js";
import { repeated } from "../values/text.js";
import { accountIdOrDefault, accountIdProblem } from "./account.js";
import { claimName } from "./account-names.js";
import { ExternalKvNamespace, LookedUpKvNamespace } from "./external-kv-namespace.js";
import { everythingInside, useProvider } from "./dependable.js";
import { entryProblems, type KvEntryProps } from "./kv-entry.js";
import { literal } from "./literal.js";
import type { ExternalKvNamespaceOptions, IKvNamespace, KvNamespaceProps } from "./kv-namespace-props.js";
import { noteProblems, noteRecord } from "./namespace-notes.js";
import { failOn, fromHere, missingFile } from "./problems.js";
import { AppLock } from "./app-lock.js";
import { addressesOf, addressesUnder, idInStack } from "./locked-addresses.js";
import { ENTRY, KV_NAMESPACE } from "./props-shapes.js";
import { problemsOf } from "./shape.js";
import { idOf, asResolved } from "./stable-id.js";
import { StackRecord } from "./stack-record.js";
import { composed, jsonText } from "./terraform-text.js";

/**
 * Defines a Workers KV namespace.
 *
 * @example
 * const sessions = new KvNamespace(this, "Sessions", { namespaceName: "shop-session-prod", ttlSeconds: 1800 });
 *
 * @see https://developers.cloudflare.com/kv/concepts/kv-namespaces/
 */
export class KvNamespace extends Construct implements IKvNamespace, ITerraformDependable {
  /** Refers to a namespace that this app does not define, by its id. */
  static fromNamespaceId(
    scope: Construct,
    id: string,
    namespaceId: string,
    options: ExternalKvNamespaceOptions = {},
  ): IKvNamespace {
    return new ExternalKvNamespace(scope, id, namespaceId, options);
  }

  /**
   * Refers to a namespace that this app does not define, by its name. Terraform
   * looks it up on every plan, which fails unless exactly one has the name.
   */
  static fromNamespaceName(
    scope: Construct,
    id: string,
    namespaceName: string,
    options: ExternalKvNamespaceOptions = {},
  ): IKvNamespace {
    return new LookedUpKvNamespace(scope, id, namespaceName, options);
  }

  /**
   * Names what may leave a stack when no construct of the same kind is left to declare it: `retired` stays at
   * Cloudflare, `deleted` is deleted by the next apply.
   *
   * @example
   * KvNamespace.leaving(this, { retired: ["shop-session-prod"] });
   */
  static leaving(
    scope: Construct,
    names: { readonly retired?: readonly string[]; readonly deleted?: readonly string[] },
  ): void {
    StackRecord.of(scope).addLeaving(names);
  }

  readonly namespaceName: string;
  readonly accountId: string;
  readonly ttlSeconds: number;
  readonly description: string | undefined;

  /** The provider's own resource, for anything this class leaves out. */
  readonly resource: WorkersKvNamespace;

  private readonly provider: TerraformProvider | undefined;
  private idReference: string | undefined;
  private readonly managedEntries = new Map<string, KvEntryProps>();

  constructor(scope: Construct, id: string, props: KvNamespaceProps) {
    super(scope, id);
    failOn(
      problemsOf(props, KV_NAMESPACE, "KvNamespace", () => this.problems(props)),
      this,
    );
    this.namespaceName = composed(props.namespaceName);
    this.accountId = accountIdOrDefault(props.accountId);
    this.ttlSeconds = props.ttlSeconds ?? 0;
    this.description = props.description === undefined ? undefined : composed(props.description);

    const record = StackRecord.of(this);
    record.addLeaving(props);
    this.resource = new WorkersKvNamespace(this, "Resource", {
      accountId: this.accountId,
      title: literal(this.namespaceName),
      // A Worker must release the namespace before Cloudflare deletes it: code 10052 otherwise.
      lifecycle: { createBeforeDestroy: true, preventDestroy: props.preventDestroy ?? true },
    });
    this.keepApart(this.resource);
    if (props.adopt !== undefined) this.resource.importFrom(`${this.accountId}/${props.adopt}`);
    this.provider = props.provider;
    for (const entry of props.entries ?? []) this.writeEntry(entry);
    const seeds = (props.seed ?? []).map((file) => new SeedFile(this, file));
    record.addLocked(() => ({
      kind: "namespaces",
      name: asResolved(this, this.namespaceName),
      id: idInStack(this),
      isProtected: props.preventDestroy ?? true,
      addresses: addressesOf(this),
      addressesAt: (former) => addressesUnder(this, former),
      ...(props.renamedFrom !== undefined && { renamedFrom: props.renamedFrom }),
    }));
    record.addNamespace(this, () => [
      this.resource.friendlyUniqueId,
      {
        ...(this.ttlSeconds > 0 && { ttlSeconds: this.ttlSeconds }),
        ...(this.description !== undefined && { description: literal(this.description) }),
        ...(seeds.length > 0 && { seed: seeds.map((seed) => seed.path) }),
        ...noteRecord(props),
      },
    ]);
    useProvider(this, this.provider);
  }

  /** What constructs wait for that list this namespace in `dependsOn`: the namespace and its entries. */
  get fqn(): string {
    return everythingInside(this);
  }

  /**
   * The reference to its id: created when first read, so that the resource's logical id may be overridden until then.
   */
  get namespaceId(): string {
    // Once, as cdktf follows a reference from stack to stack by its identity.
    this.idReference ??= this.resource.id;
    return this.idReference;
  }

  /** The entries that Terraform writes, as a copy. */
  get entries(): readonly KvEntryProps[] {
    return [...this.managedEntries.values()];
  }

  /**
   * Adds an entry for Terraform to write.
   *
   * @throws ValidationError for a key, value or metadata that KV refuses, and for a duplicate key
   */
  addEntry(entry: KvEntryProps): void {
    failOn(
      problemsOf(entry, ENTRY, "entry", () => [
        ...entryProblems(entry),
        this.managedEntries.has(asResolved(this, entry.key)) ? `entry '${entry.key}' is defined twice` : undefined,
        tooMany(this.managedEntries.size + 1),
      ]),
      this,
    );
    this.writeEntry(entry);
    useProvider(this, this.provider);
  }

  private writeEntry(entry: KvEntryProps): void {
    this.managedEntries.set(asResolved(this, entry.key), entry);
    const resource = new WorkersKv(this, idOf(this, "Entry", entry.key), {
      accountId: this.accountId,
      namespaceId: Lazy.stringValue({ produce: () => this.namespaceId }),
      keyName: literal(entry.key),
      value: literal(entry.value),
      ...(entry.metadata !== undefined && {
        metadata: jsonText(this, idOf(this, "Metadata", entry.key), entry.metadata),
      }),
    });
    this.keepApart(resource);
  }

  private keepApart(resource: WorkersKvNamespace | WorkersKv): void {
    const name = asResolved(this, this.namespaceName);
    AppLock.of(this).keepApart(resource, StackRecord.of(this), "namespaces", name);
  }

  private problems(props: KvNamespaceProps): (string | undefined)[] {
    const { namespaceName, ttlSeconds, description, entries = [], seed = [] } = props;
    const accountId = accountIdOrDefault(props.accountId);
    const name = Token.isUnresolved(namespaceName) ? undefined : namespaceNameProblem(namespaceName);
    return [
      accountIdProblem(accountId),
      name ?? claimName(this, accountId, "namespaceName", composed(namespaceName)),
      ttlSeconds === undefined ? undefined : ttlSecondsProblem(ttlSeconds),
      description === undefined ? undefined : descriptionProblem(description),
      ...entries.flatMap(entryProblems),
      ...repeated(entries.map(({ key }) => asResolved(this, key))).map((key) => `entry '${key}' is defined twice`),
      ...noteProblems(props),
      tooMany(entries.length),
      ...seed.map(seedProblem),
      ...repeated(seed.map(fromHere)).map((file) => `seed file '${file}' is listed twice`),
      adoptProblem(props.adopt),
    ];
  }
}

function tooMany(entries: number): string | undefined {
  const { maxManagedEntries: max } = KV_LIMITS;
  if (entries <= max) return undefined;
  return `entries must be at most ${max}, got ${entries}: put them into one of the namespace's seed files, which 'cfkv seed' writes`;
}

function seedProblem(file: string): string | undefined {
  if (!existsSync(file)) return missingFile("seed file", file);
  return statSync(file).isFile() ? undefined : `seed must name files, '${file}' is a directory`;
}

function adoptProblem(namespaceId: string | undefined): string | undefined {
  if (namespaceId === undefined || Token.isUnresolved(namespaceId) || isHexId(namespaceId)) return undefined;
  return `adopt must be a namespace's id of ${HEX_ID_FORM}, got '${namespaceId}'`;
}

/**
 * Its id is derived from the path relative to the working directory, so that adding or removing other files does not
 * change it.
 */
class SeedFile extends TerraformAsset {
  constructor(scope: Construct, file: string) {
    super(scope, `Seed-${fromHere(file)}`, { path: resolve(file), type: AssetType.FILE });
  }
}
