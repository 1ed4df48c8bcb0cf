import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { CodedError } from "../errors.js";
import { didYouMean } from "../suggest.js";
import { byText } from "../values/text.js";
import type { EnvironmentPlan } from "./environment-plan.js";
import type { EnvironmentSetProps } from "./environment-props.js";
import { KvNamespace } from "./kv-namespace.js";
import { StackRecord } from "./stack-record.js";
import { localState } from "./state.js";
import { WorkerWithKvBindings } from "./worker-with-kv-bindings.js";

/** One environment of an EnvironmentSet, or one developer's copy of it: a stack that is deployed on its own. */
export class Environment {
  readonly name: string;
  readonly developer: string | undefined;
  /** Whether plans that would delete a namespace are refused. */
  readonly isProtected: boolean;
  readonly stack: TerraformStack;
  /** Undefined where the set, or this environment, has none. */
  readonly worker: WorkerWithKvBindings | undefined;

  private readonly byBinding: ReadonlyMap<string, KvNamespace>;

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
    this.worker =
      plan.worker &&
      new WorkerWithKvBindings(this.stack, "Worker", {
        ...plan.worker,
        ...through,
        kv: { ...plan.worker.kv, ...Object.fromEntries(this.byBinding) },
      });
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

  private record(plan: EnvironmentPlan): void {
    const record = StackRecord.of(this.stack);
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
  }

  private output(name: string, value: unknown): void {
    new TerraformOutput(this.stack, name, { value });
  }
}
