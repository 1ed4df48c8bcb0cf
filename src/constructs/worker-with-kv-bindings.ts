import type { Worker } from "@cdktf/provider-cloudflare/lib/worker/index.js";
import type { WorkersScript } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { accountIdOrDefault, accountIdProblem } from "./account.js";
import { claimName } from "./account-names.js";
import { AllAtOnceDeployment } from "./all-at-once-deployment.js";
import { BindingTable, claimBindings, defineBindings } from "./bindings.js";
import { PROVIDER_VERSION_WITH_RATE_LIMITS } from "./defaults.js";
import { GradualDeployment } from "./gradual-deployment.js";
import type { IKvNamespace } from "./kv-namespace.js";
import { literal } from "./literal.js";
import { failOn } from "./problems.js";
import { BIND_KV, WORKER } from "./props-shapes.js";
import { problemsOf } from "./shape.js";
import { GradualRollout } from "./rollout.js";
import { StackRecord } from "./stack-record.js";
import { addressUrls, defineAddresses } from "./worker-addresses.js";
import { accountProblem, rolloutProblems, workerProblems } from "./worker-problems.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

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
export class WorkerWithKvBindings extends Construct {
  /** The name, as a reference: who uses it waits until the Worker is there. */
  readonly workerName: string;

  readonly accountId: string;

  /** Where the Worker answers: its routes, domains and workers.dev address, as far as they are known. */
  readonly urls: readonly string[];

  /** The provider's own resource: a script, or in a gradual rollout the worker that holds the versions. */
  readonly resource: WorkersScript | Worker;

  /** The outputs `worker_name` and `worker_urls`. */
  readonly outputs: { readonly workerName: TerraformOutput; readonly workerUrls: TerraformOutput };

  private readonly bindings = new BindingTable();
  private readonly deployment: AllAtOnceDeployment | GradualDeployment;

  constructor(scope: Construct, id: string, props: WorkerWithKvBindingsProps) {
    super(scope, id);
    failOn(
      problemsOf(props, WORKER, "WorkerWithKvBindings", () => this.problems(props)),
      this,
    );
    this.accountId = accountIdOrDefault(props.accountId);
    const record = StackRecord.of(this);
    const other = otherBindings(props);
    defineBindings(this, this.bindings, other, this.accountId, record);
    if (Object.keys(other.rateLimits).length > 0) record.requireProvider(PROVIDER_VERSION_WITH_RATE_LIMITS);
    for (const [binding, namespace] of Object.entries(props.kv ?? {})) this.bindings.addKv(binding, namespace);
    this.deployment =
      props.rollout instanceof GradualRollout
        ? new GradualDeployment(this, props, props.rollout, this.bindings)
        : new AllAtOnceDeployment(this, props, this.bindings);
    this.resource = this.deployment.resource;
    this.workerName = this.deployment.workerName;

    defineAddresses(this, props, this.workerName, this.accountId, this.deployment.live);
    this.urls = addressUrls(props);
    this.outputs = {
      workerName: new TerraformOutput(this, "worker_name", { value: this.workerName }),
      workerUrls: new TerraformOutput(this, "worker_urls", { value: this.urls.map(literal) }),
    };
    record.addWorker(() => {
      const secrets = Object.fromEntries(this.bindings.secretVariables);
      return [this.resource.friendlyUniqueId, Object.keys(secrets).length > 0 ? { secrets } : {}];
    });
  }

  /** The bound namespaces by binding, as a copy. */
  get kv(): Readonly<Record<string, IKvNamespace>> {
    return this.bindings.kv;
  }

  /**
   * Binds one more namespace.
   *
   * @throws ValidationError for a name that is no JavaScript identifier or is taken, and for a namespace of another account
   */
  bindKv(binding: string, namespace: IKvNamespace): void {
    failOn(
      problemsOf({ binding, namespace }, BIND_KV, "bindKv", () => [
        accountProblem(binding, namespace, this.accountId),
        this.bindings.nameProblem(binding, "kv"),
      ]),
      this,
    );
    this.bindings.claim(binding, "kv");
    this.bindings.addKv(binding, namespace);
    this.deployment.bindingsChanged();
  }

  private problems(props: WorkerWithKvBindingsProps): (string | undefined)[] {
    const accountId = accountIdOrDefault(props.accountId);
    const other = otherBindings(props);
    const isMixed = Object.values(other).some((kind) => kind !== undefined && Object.keys(kind).length > 0);
    return [
      ...workerProblems(props),
      accountIdProblem(accountId),
      claimName(this, accountId, "workerName", props.workerName),
      ...claimBindings(this.bindings, other),
      ...Object.entries(props.kv ?? {}).flatMap(([binding, namespace]) => [
        this.bindings.claim(binding, "kv"),
        accountProblem(binding, namespace, accountId),
      ]),
      ...rolloutProblems(props, isMixed),
    ];
  }
}

function otherBindings(props: WorkerWithKvBindingsProps) {
  return {
    vars: props.vars ?? {},
    secrets: props.secrets ?? [],
    d1: props.d1 ?? {},
    services: props.services ?? {},
    rateLimits: props.rateLimits ?? {},
    assets: props.assets?.binding,
    bindings: props.bindings ?? [],
  };
}
