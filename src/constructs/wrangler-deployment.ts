import { DataCloudflareWorkersScripts } from "@cdktf/provider-cloudflare/lib/data-cloudflare-workers-scripts/index.js";
import { TerraformElement, TerraformLocal } from "cdktf";
import type { Construct } from "constructs";
import type { CfkvBundle } from "../assembly/cfkv-record.js";
import { CodedError } from "../errors.js";
import { accountIdOrDefault } from "./account.js";
import { isAdopted } from "./adoption.js";
import { sortedFlags, sortedTails } from "./all-at-once-deployment.js";
import type { BindingTable } from "./binding-table.js";
import { COMPATIBILITY_DATE } from "./defaults.js";
import { stepOf } from "./durable-objects.js";
import { literal } from "./literal.js";
import { failOn } from "./problems.js";
import { GradualRollout } from "./rollout.js";
import { StackRecord } from "./stack-record.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

/** Whether wrangler deploys the script, and Terraform everything around it. */
export function isWranglers({ code }: Pick<WorkerWithKvBindingsProps, "code">): boolean {
  return code === "wrangler" || code?.deployedBy === "wrangler";
}

/** What cannot be said of a Worker whose script wrangler deploys. */
export function wranglerProblems(props: WorkerWithKvBindingsProps): string[] {
  if (!isWranglers(props)) return [];
  return [
    ...(props.rollout instanceof GradualRollout
      ? [
          "a gradual rollout is Terraform's, and the code is wrangler's: use 'wrangler versions deploy' instead of rollout",
        ]
      : []),
    ...(props.keepSecrets === undefined ? [] : ["keepSecrets has no effect: wrangler keeps a Worker's secrets itself"]),
  ];
}

/** Stands where the script would: it has an id, and nothing for Terraform. */
class ScriptElsewhere extends TerraformElement {}

/** A script that wrangler deploys. Terraform defines what leads to it, once it is there. */
export class WranglerDeployment {
  /** The entry, where it is known: for `cfkv dev`, `cfkv types` and `cfkv wrangler export`. */
  readonly bundle: CfkvBundle | undefined;
  readonly file = undefined;
  /** How many of each address there are: none before the first `wrangler deploy`. */
  readonly addressCount: string | undefined;
  private readonly element: ScriptElsewhere;

  constructor(
    scope: Construct,
    private readonly props: WorkerWithKvBindingsProps,
    bindings: BindingTable,
  ) {
    const entry = typeof props.code === "object" ? props.code.origin() : undefined;
    if (entry !== undefined && "problem" in entry) failOn([entry.problem], scope);
    this.bundle = entry !== undefined && "record" in entry ? entry.record : undefined;
    this.element = new ScriptElsewhere(scope, "Resource");
    const accountId = accountIdOrDefault(props.accountId);
    const record = StackRecord.of(scope);
    record.addScript(() => [this.id, this.attributes(accountId, bindings)]);
    // Where Terraform had the script before: it must not delete what is wrangler's from now on.
    record.addHandedOver(() => [`cloudflare_workers_script.${this.id}`, `cloudflare_worker.${this.id}`]);
    this.addressCount = isAdopted(props) ? undefined : existing(scope, accountId, props.workerName);
  }

  get id(): string {
    return this.element.friendlyUniqueId;
  }

  get resource(): never {
    throw new CodedError(
      "NO_RESOURCE",
      `Worker '${this.props.workerName}' is deployed by wrangler: Terraform has no resource of it`,
    );
  }

  get workerName(): string {
    return literal(this.props.workerName);
  }

  bindingsChanged(): void {}

  /** What the script has, in the provider's words: recorded beside what Terraform reads. */
  private attributes(accountId: string, bindings: BindingTable): Readonly<Record<string, unknown>> {
    const { props } = this;
    const { enabled = true, headSamplingRate = 1, invocationLogs = true } = props.observability ?? {};
    const { htmlHandling, notFoundHandling, runWorkerFirst } = props.assets ?? {};
    const flags = sortedFlags(props.compatibilityFlags);
    return {
      account_id: accountId,
      script_name: literal(props.workerName),
      compatibility_date: props.compatibilityDate ?? COMPATIBILITY_DATE,
      ...(flags && { compatibility_flags: flags }),
      observability: {
        enabled,
        head_sampling_rate: headSamplingRate,
        logs: { enabled, head_sampling_rate: headSamplingRate, invocation_logs: invocationLogs },
      },
      logpush: props.logpush ?? false,
      ...(props.limits && { limits: { cpu_ms: props.limits.cpuMs } }),
      ...(props.placement && { placement: { mode: props.placement.mode } }),
      ...(props.tailConsumers && { tail_consumers: sortedTails(props.tailConsumers).map((service) => ({ service })) }),
      ...(props.assets && {
        assets: {
          config: {
            ...(htmlHandling && { html_handling: htmlHandling }),
            ...(notFoundHandling && { not_found_handling: notFoundHandling }),
            ...(runWorkerFirst !== undefined && { run_worker_first: runWorkerFirst }),
          },
        },
      }),
      bindings: bindings.render(true) ?? [],
      ...(props.migrations && {
        migrations: props.migrations.map((migration) => ({ new_tag: migration.tag, ...stepOf(migration) })),
      }),
    };
  }
}

/** Cloudflare accepts routes, domains and schedules only of a script that exists, so they wait for it. */
function existing(scope: Construct, accountId: string, workerName: string): string {
  const scripts = new DataCloudflareWorkersScripts(scope, "Scripts", { accountId });
  const name = JSON.stringify(literal(workerName));
  const isThere = new TerraformLocal(
    scope,
    "IsDeployed",
    `\${contains([for script in ${scripts.fqn}.result : script.id], ${name})}`,
  );
  return `\${local.${isThere.friendlyUniqueId} ? 1 : 0}`;
}
