import { resolve } from "node:path";
import type { WorkersScript } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { AssetType, TerraformAsset, Token } from "cdktf";
import type { Construct } from "constructs";
import type { CfkvBundle } from "../assembly/cfkv-record.js";
import { asOneModule } from "../bundle/bundle.js";
import type { Compatibility } from "../bundle/node-modules.js";
import { accountIdOrDefault } from "./account.js";
import { isAdopted } from "./adoption.js";
import { AppLock } from "./app-lock.js";
import type { BindingTable } from "./binding-table.js";
import { CodeAsset, MAIN_MODULE } from "./code-asset.js";
import { COMPATIBILITY_DATE } from "./defaults.js";
import { sendMigrations } from "./durable-objects.js";
import { literal } from "./literal.js";
import { failOn } from "./problems.js";
import { ScriptWithBindings } from "./script-with-bindings.js";
import { asResolved } from "./stable-id.js";
import { StackRecord } from "./stack-record.js";
import type { AssetsProps, WorkerWithKvBindingsProps } from "./worker-props.js";

/** One script whose every update replaces what runs. */
export class AllAtOnceDeployment {
  readonly resource: WorkersScript;
  /** How the code was bundled, where it was. */
  readonly bundle: CfkvBundle | undefined;
  /** The built file that the code was taken from, where it was. */
  readonly file: string | undefined;

  constructor(scope: Construct, props: WorkerWithKvBindingsProps, bindings: BindingTable) {
    const flags = sortedFlags(props.compatibilityFlags);
    const { code: given } = props;
    const bundled =
      given === undefined || given === "wrangler"
        ? { problem: "code is required" }
        : given.module(compatibilityOf(props));
    this.bundle = "problem" in bundled ? undefined : bundled.record;
    this.file = "problem" in bundled ? undefined : bundled.file;
    const module = "problem" in bundled ? bundled : asOneModule(bundled);
    if ("problem" in module) {
      failOn([module.problem], scope);
      throw new Error("unreachable: failOn has thrown");
    }
    const code = new CodeAsset(scope, "Code", module.text);
    const { enabled = true, headSamplingRate = 1, invocationLogs = true } = props.observability ?? {};

    const config = {
      accountId: accountIdOrDefault(props.accountId),
      scriptName: literal(props.workerName),
      contentFile: code.path,
      contentSha256: code.sha256,
      mainModule: MAIN_MODULE,
      compatibilityDate: props.compatibilityDate ?? COMPATIBILITY_DATE,
      ...(flags && { compatibilityFlags: flags }),
      // Every field is set: the API fills in unset ones, and every plan would then show a change.
      observability: {
        enabled,
        headSamplingRate,
        logs: { enabled, headSamplingRate, invocationLogs },
      },
      logpush: props.logpush ?? false,
      ...(props.limits && { limits: { cpuMs: props.limits.cpuMs } }),
      ...(props.placement && { placement: { mode: props.placement.mode } }),
      ...(props.tailConsumers && { tailConsumers: sortedTails(props.tailConsumers).map((service) => ({ service })) }),
    };
    this.resource = new ScriptWithBindings(scope, "Resource", config, () => bindings.render(true));
    // Named as the API names it: secrets stored by other tools stay when the script is replaced.
    if (props.keepSecrets ?? isAdopted(props)) this.resource.keepBindings = ["secret_text"];
    if (isAdopted(props)) this.resource.importFrom(`${accountIdOrDefault(props.accountId)}/${props.workerName}`);
    AppLock.of(scope).keepApart(this.resource, StackRecord.of(scope), "workers", asResolved(scope, props.workerName));
    if (props.assets !== undefined) addAssets(scope, this.resource, props.assets);
    sendMigrations(scope, this.resource, props.migrations ?? [], {
      accountId: config.accountId,
      scriptName: config.scriptName,
    });
  }

  /** The Worker's name; whatever refers to it waits until the Worker runs. */
  get workerName(): string {
    return this.resource.scriptName;
  }

  /** The bindings are read when the stack is synthesized. */
  bindingsChanged(): void {}
}

/** Decides which Node.js modules the code may import. A date known only after apply counts as the newest. */
export function compatibilityOf({ compatibilityDate, compatibilityFlags }: WorkerWithKvBindingsProps): Compatibility {
  const date = compatibilityDate ?? COMPATIBILITY_DATE;
  return { date: Token.isUnresolved(date) ? COMPATIBILITY_DATE : date, flags: sortedFlags(compatibilityFlags) ?? [] };
}

/** Sorted, so that reordering is not a change; undefined when there are none. */
export function sortedFlags(flags: readonly string[] | undefined): string[] | undefined {
  return flags === undefined || flags.length === 0 ? undefined : [...new Set(flags)].sort().map(literal);
}

/** Sorted, for the same reason. */
export function sortedTails(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function addAssets(scope: Construct, script: WorkersScript, assets: AssetsProps): void {
  const { htmlHandling, notFoundHandling, runWorkerFirst } = assets;
  const folder = new TerraformAsset(scope, "Assets", {
    path: resolve(assets.directory),
    type: AssetType.DIRECTORY,
  });
  script.putAssets({
    directory: folder.path,
    ...((htmlHandling ?? notFoundHandling) !== undefined && {
      config: { ...(htmlHandling && { htmlHandling }), ...(notFoundHandling && { notFoundHandling }) },
    }),
  });
  // The bindings type this attribute as a map; the provider takes a boolean or a list.
  if (runWorkerFirst !== undefined) {
    const patterns = typeof runWorkerFirst === "boolean" ? runWorkerFirst : runWorkerFirst.map(literal);
    script.addOverride("assets.config.run_worker_first", patterns);
  }
}
