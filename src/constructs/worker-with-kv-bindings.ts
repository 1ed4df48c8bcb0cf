import { D1Database } from "@cdktf/provider-cloudflare/lib/d1-database/index.js";
import type { Worker } from "@cdktf/provider-cloudflare/lib/worker/index.js";
import type { WorkersScript } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { type ITerraformDependable, Lazy, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { CodedError } from "../errors.js";
import { didYouMean } from "../suggest.js";
import type { JsonValue } from "../values/json.js";
import { accountIdOrDefault, accountIdProblem } from "./account.js";
import { claimName } from "./account-names.js";
import { AllAtOnceDeployment } from "./all-at-once-deployment.js";
import { BindingTable } from "./binding-table.js";
import { claimBindings, defineBindings } from "./bindings.js";
import { everythingInside, useProvider } from "./dependable.js";
import { adoptionProblems } from "./adoption.js";
import { GradualDeployment } from "./gradual-deployment.js";
import type { IKvNamespace } from "./kv-namespace-props.js";
import { literal } from "./literal.js";
import { addressesOf, addressesUnder, idInStack } from "./locked-addresses.js";
import { durableObjectProblems } from "./durable-objects.js";
import { failOn } from "./problems.js";
import { providerNeeds } from "./provider-range.js";
import { noteCalled } from "./reachability.js";
import { BIND_KV, WORKER } from "./props-shapes.js";
import { problemsOf } from "./shape.js";
import { GradualRollout } from "./rollout.js";
import { asResolved } from "./stable-id.js";
import { StackRecord } from "./stack-record.js";
import { addressUrls, defineAddresses } from "./worker-addresses.js";
import { namespaceProblems, rolloutProblems, workerProblems } from "./worker-problems.js";
import { recordedPath } from "./worker-code.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";
import { isWranglers, WranglerDeployment, wranglerProblems } from "./wrangler-deployment.js";

/**
 * Defines a Worker, its namespaces and everything that leads requests to it.
 *
 * @example
 * new WorkerWithKvBindings(this, "Api", {
 *   workerName: "shop-prod",
 *   code: WorkerCode.fromEntry("src/worker.ts"),
 *   kv: { SESSIONS: sessions, CACHE: cache },
 * });
 *
 * @see https://developers.cloudflare.com/workers/
 */
export class WorkerWithKvBindings extends Construct implements ITerraformDependable {
  readonly accountId: string;

  /** Where the Worker answers: its routes, domains and workers.dev address, as far as they are known. */
  readonly urls: readonly string[];

  /**
   * The provider's own resource: a script, or in a gradual rollout the worker that holds the versions.
   *
   * @throws CodedError `NO_RESOURCE` where wrangler deploys the script
   */
  get resource(): WorkersScript | Worker {
    return this.deployment.resource;
  }

  /** The outputs `worker_name` and `worker_urls`. */
  readonly outputs: { readonly workerName: TerraformOutput; readonly workerUrls: TerraformOutput };

  private nameReference: string | undefined;
  private readonly bindings = new BindingTable();
  private readonly deployment: AllAtOnceDeployment | GradualDeployment | WranglerDeployment;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkerWithKvBindingsProps,
  ) {
    super(scope, id);
    failOn(
      problemsOf(props, WORKER, "WorkerWithKvBindings", () => this.problems(props)),
      this,
    );
    this.accountId = accountIdOrDefault(props.accountId);
    const record = StackRecord.of(this);
    record.addLeaving(props);
    const other = otherBindings(props);
    defineBindings(this, this.bindings, other, this.accountId, record, isWranglers(props));
    record.requireProvider(providerNeeds(props));
    noteCalled(this, [
      ...Object.values(other.services).map(({ service }) => service),
      ...Object.values(other.durableObjects).flatMap(({ scriptName }) => scriptName ?? []),
      ...(props.tailConsumers ?? []),
    ]);
    for (const [binding, namespace] of Object.entries(props.kv ?? {})) this.bindings.addKv(binding, namespace);
    this.deployment = isWranglers(props)
      ? new WranglerDeployment(this, props, this.bindings)
      : props.rollout instanceof GradualRollout
        ? new GradualDeployment(this, props, props.rollout, this.bindings)
        : new AllAtOnceDeployment(this, props, this.bindings);
    const addressCount = this.deployment instanceof WranglerDeployment ? this.deployment.addressCount : undefined;
    const workerName = Lazy.stringValue({ produce: () => this.workerName });
    defineAddresses(this, record, props, workerName, this.accountId, addressCount);
    this.urls = addressUrls(props);
    this.outputs = {
      workerName: new TerraformOutput(this, "worker_name", { value: workerName }),
      workerUrls: new TerraformOutput(this, "worker_urls", { value: this.urls.map(literal) }),
    };
    record.addLocked(() => ({
      kind: "workers",
      name: asResolved(this, props.workerName),
      id: idInStack(this),
      isProtected: true,
      addresses: addressesOf(this, isDatabase),
      addressesAt: (former) => addressesUnder(this, former, isDatabase),
      ...(props.renamedFrom !== undefined && { renamedFrom: props.renamedFrom }),
      ...(props.adopt !== undefined && props.adopt !== false && { isAdopted: true }),
    }));
    record.addWorker(() => {
      const secrets = Object.fromEntries(this.bindings.secretVariables);
      const migrations = [...this.bindings.migrations].map(([name, folder]) => [name, folder.record] as const);
      const { bundle, file } = this.deployment;
      const key = record.workerKeys.get(this);
      return [
        this.deployment instanceof WranglerDeployment ? this.deployment.id : this.resource.friendlyUniqueId,
        {
          ...(this.deployment instanceof WranglerDeployment && { deployedBy: "wrangler" as const }),
          ...(key !== undefined && { key }),
          ...(Object.keys(secrets).length > 0 && { secrets }),
          ...(bundle !== undefined && { bundle }),
          ...(migrations.length > 0 && { migrations: Object.fromEntries(migrations) }),
          ...(file !== undefined && { file }),
          ...(props.assets !== undefined && { assets: recordedPath(props.assets.directory) }),
        },
      ];
    });
    useProvider(this, props.provider);
  }

  /**
   * The name, as a reference: whatever uses it waits until the Worker runs. Created when first read, like
   * `namespaceId`.
   */
  get workerName(): string {
    this.nameReference ??= this.deployment.workerName;
    return this.nameReference;
  }

  /** What constructs wait for that list this Worker in `dependsOn`: everything inside. */
  get fqn(): string {
    return everythingInside(this);
  }

  /** The name as it was passed, and as others refer to it. */
  get names(): readonly string[] {
    return this.nameReference === undefined ? [this.props.workerName] : [this.props.workerName, this.nameReference];
  }

  /** The plain values that the code reads, as a copy. */
  get vars(): Readonly<Record<string, JsonValue>> {
    return { ...this.props.vars };
  }

  /** The bound namespaces by binding, as a copy. */
  get kv(): Readonly<Record<string, IKvNamespace>> {
    return this.bindings.kv;
  }

  /**
   * Binds one more namespace.
   *
   * @throws ValidationError for a name that is not a JavaScript identifier or is taken, and for a namespace of another
   * account
   */
  bindKv(binding: string, namespace: IKvNamespace): void {
    failOn(
      problemsOf({ binding, namespace }, BIND_KV, "bindKv", () => [
        ...namespaceProblems(binding, namespace, this.accountId),
        this.bindings.nameProblem(binding, "kv"),
      ]),
      this,
    );
    this.bindings.claim(binding, "kv");
    this.bindings.addKv(binding, namespace);
    this.deployment.bindingsChanged();
  }

  /**
   * The id of the database under a binding, whether it is created here or not.
   *
   * @throws CodedError `UNKNOWN_BINDING` with the nearest name
   */
  databaseId(binding: string): string {
    const id = this.bindings.databases.get(binding);
    if (id !== undefined) return id;
    throw new CodedError(
      "UNKNOWN_BINDING",
      `the Worker at '${this.node.path}' has no database '${binding}'${didYouMean(binding, this.bindings.databases.keys())}`,
    );
  }

  private problems(props: WorkerWithKvBindingsProps): (string | undefined)[] {
    const accountId = accountIdOrDefault(props.accountId);
    const other = otherBindings(props);
    const isMixed = Object.values(other).some((kind) => kind !== undefined && Object.keys(kind).length > 0);
    return [
      ...workerProblems(props),
      ...adoptionProblems(props),
      ...wranglerProblems(props),
      ...durableObjectProblems(props.durableObjects ?? {}, props.migrations ?? []),
      accountIdProblem(accountId),
      claimName(this, accountId, "workerName", props.workerName),
      ...claimBindings(this, this.bindings, other, accountId),
      ...Object.entries(props.kv ?? {}).flatMap(([binding, namespace]) => [
        this.bindings.claim(binding, "kv"),
        ...namespaceProblems(binding, namespace, accountId),
      ]),
      StackRecord.of(this).providerProblem(providerNeeds(props)),
      ...rolloutProblems(props, isMixed),
    ];
  }
}

function otherBindings(props: WorkerWithKvBindingsProps) {
  return {
    vars: props.vars ?? {},
    secrets: props.secrets ?? [],
    d1: props.d1 ?? {},
    services: Object.fromEntries(
      Object.entries(props.services ?? {}).map(([name, service]) => [
        name,
        typeof service === "string" ? { service } : service,
      ]),
    ),
    durableObjects: props.durableObjects ?? {},
    queues: props.queues ?? {},
    rateLimits: props.rateLimits ?? {},
    assets: props.assets?.binding,
    bindings: props.bindings ?? [],
  };
}

/** A database has a name of its own, and outlives its Worker. */
function isDatabase(resource: unknown): boolean {
  return resource instanceof D1Database;
}
