import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { Lazy, TerraformOutput, type TerraformProvider, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { CodedError } from "../errors.js";
import { SINGLE_WORKER } from "../kv/names.js";
import { didYouMean } from "../suggest.js";
import { byText } from "../values/text.js";
import type { EnvironmentPlan } from "./environment-plan.js";
import type { EnvironmentSetProps } from "./environment-props.js";
import { KvNamespace } from "./kv-namespace.js";
import { StackRecord } from "./stack-record.js";
import { localState } from "./state.js";
import { calleesFirst, resolvedWorker } from "./worker-siblings.js";
import { WorkerWithKvBindings } from "./worker-with-kv-bindings.js";

/** One environment of an EnvironmentSet, or one developer's copy of it: a stack that is deployed on its own. */
export class Environment {
  readonly name: string;
  readonly developer: string | undefined;
  /** Whether plans that would delete a namespace are refused. */
  readonly isProtected: boolean;
  readonly stack: TerraformStack;
  /** The Worker of the field `worker`; undefined where the set, or this environment, has none. */
  readonly worker: WorkerWithKvBindings | undefined;

  private readonly byBinding: ReadonlyMap<string, KvNamespace>;
  /** In the order of declaration, by name in `workers`. */
  private readonly byKey: ReadonlyMap<string, WorkerWithKvBindings>;

  /** Created by EnvironmentSet. */
  constructor(scope: Construct, set: EnvironmentSetProps, plan: EnvironmentPlan) {
    this.name = plan.environment;
    this.developer = plan.developer;
    this.isProtected = plan.isProtected;
    this.stack = new TerraformStack(scope, plan.stackName);
    if (set.providerVersion !== undefined) {
      this.stack.addOverride("terraform.required_providers.cloudflare.version", set.providerVersion);
    }
    const define = set.environments[plan.environment]?.provider ?? set.provider;
    const provider = define?.(this.stack, this);
    if (provider === undefined) new CloudflareProvider(this.stack, "cloudflare");
    const through = provider === undefined ? {} : { provider };
    (set.backend ?? localState)(this.stack, this);
    StackRecord.of(this.stack).addLeaving(plan.leaving);
    this.byBinding = new Map(
      plan.namespaces.map(([binding, props]) => [
        binding,
        new KvNamespace(this.stack, binding, { ...props, ...through }),
      ]),
    );
    const workers = this.defineWorkers(plan, through);
    this.worker = workers.get(SINGLE_WORKER);
    this.byKey = new Map(
      plan.workers.flatMap(({ key }) => {
        const worker = workers.get(key);
        return worker === undefined || key === SINGLE_WORKER ? [] : [[key, worker]];
      }),
    );
    this.record(plan);
    this.defineOutputs();
    set.configure?.(this.stack, this);
  }

  /** The namespaces by binding, as a copy. */
  get namespaces(): Readonly<Record<string, KvNamespace>> {
    return Object.fromEntries(this.byBinding);
  }

  /**
   * The namespace of a binding.
   *
   * @throws CodedError `UNKNOWN_BINDING` with the nearest name
   */
  namespace(binding: string): KvNamespace {
    const namespace = this.byBinding.get(binding);
    if (namespace !== undefined) return namespace;
    throw new CodedError(
      "UNKNOWN_BINDING",
      `environment '${this.name}' has no namespace '${binding}'${didYouMean(binding, this.byBinding.keys())}`,
    );
  }

  /** The Workers of the field `workers` by name, as a copy. */
  get workers(): Readonly<Record<string, WorkerWithKvBindings>> {
    return Object.fromEntries(this.byKey);
  }

  /**
   * One of the Workers of the field `workers`.
   *
   * @throws CodedError `UNKNOWN_WORKER` with the nearest name
   */
  workerNamed(name: string): WorkerWithKvBindings {
    const worker = this.byKey.get(name);
    if (worker !== undefined) return worker;
    throw new CodedError(
      "UNKNOWN_WORKER",
      `environment '${this.name}' has no worker '${name}'${didYouMean(name, this.byKey.keys())}`,
    );
  }

  /** Those that others call come first, as the others refer to them. */
  private defineWorkers(
    { workers }: EnvironmentPlan,
    through: { readonly provider?: TerraformProvider },
  ): ReadonlyMap<string, WorkerWithKvBindings> {
    const defined = new Map<string, WorkerWithKvBindings>();
    const siblingOf = (key: string): WorkerWithKvBindings => {
      const worker = defined.get(key);
      if (worker === undefined) throw new Error(`unreachable: worker '${key}' was checked`);
      return worker;
    };
    const siblings = {
      name: (key: string) => siblingOf(key).workerName,
      databaseId: (key: string, binding: string) =>
        Lazy.stringValue({ produce: () => siblingOf(key).databaseId(binding) }),
    };
    for (const { key, id, props } of calleesFirst(workers)) {
      const resolved = resolvedWorker(key, props, siblings);
      const worker = new WorkerWithKvBindings(this.stack, id, {
        ...resolved,
        ...through,
        kv: { ...resolved.kv, ...Object.fromEntries(this.byBinding) },
      });
      defined.set(key, worker);
    }
    return defined;
  }

  private record(plan: EnvironmentPlan): void {
    const record = StackRecord.of(this.stack);
    record.workerKeys = new Map([...this.byKey].map(([key, worker]) => [worker, key]));
    record.roles = new Map(
      [...this.byBinding].map(([binding, namespace]) => [
        namespace,
        { binding, purpose: plan.purposes[binding] ?? binding },
      ]),
    );
    record.environment = {
      app: plan.app,
      environment: plan.environment,
      ...(plan.developer !== undefined && { developer: plan.developer }),
      protected: plan.isProtected,
    };
  }

  private defineOutputs(): void {
    const namespaces = [...this.byBinding].sort(([a], [b]) => byText(a, b));
    const [only] = namespaces;
    if (only !== undefined && namespaces.length === 1) this.output("namespace_id", only[1].namespaceId);
    for (const [binding, { namespaceId }] of namespaces) {
      this.output(`${binding.toLowerCase()}_namespace_id`, namespaceId);
    }
    this.output(
      "namespace_ids",
      Object.fromEntries(namespaces.map(([binding, { namespaceId }]) => [binding, namespaceId])),
    );
    this.worker?.outputs.workerName.overrideLogicalId("worker_name");
    this.worker?.outputs.workerUrls.overrideLogicalId("worker_urls");
    for (const [key, { outputs }] of this.byKey) {
      const name = key.replaceAll("-", "_");
      outputs.workerName.overrideLogicalId(`${name}_worker_name`);
      outputs.workerUrls.overrideLogicalId(`${name}_worker_urls`);
    }
    if (this.byKey.size === 0) return;
    const names = [...this.byKey].map(([key, { workerName }]) => [key, workerName] as const);
    this.output("worker_names", Object.fromEntries(names));
  }

  private output(name: string, value: unknown): void {
    new TerraformOutput(this.stack, name, { value });
  }
}
