import { createHash } from "node:crypto";
import { Worker } from "@cdktf/provider-cloudflare/lib/worker/index.js";
import { WorkersDeployment } from "@cdktf/provider-cloudflare/lib/workers-deployment/index.js";
import { type IResolveContext, Lazy, TerraformLocal } from "cdktf";
import type { Construct } from "constructs";
import type { BundledFile } from "../bundle/bundle.js";
import { byText } from "../values/text.js";
import { accountIdOrDefault } from "./account.js";
import { compatibilityOf, sortedFlags, sortedTails } from "./all-at-once-deployment.js";
import { idsOf, isAdopted } from "./adoption.js";
import { AppLock } from "./app-lock.js";
import { type BindingTable, KV_DEFAULTS } from "./binding-table.js";
import { CodeAsset, MAIN_MODULE } from "./code-asset.js";
import { COMPATIBILITY_DATE } from "./defaults.js";
import { KvNamespace } from "./kv-namespace.js";
import { literal } from "./literal.js";
import { failOn } from "./problems.js";
import type { GradualRollout, Release } from "./rollout.js";
import { VersionWithBindings } from "./script-with-bindings.js";
import { asResolved } from "./stable-id.js";
import { StackRecord } from "./stack-record.js";
import { type LoadedCode, withFirstLine } from "./worker-code.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

const CONTENT_TYPES = { wasm: "application/wasm", data: "application/octet-stream" } as const satisfies Record<
  BundledFile["type"],
  string
>;

type LoadedModule = Exclude<LoadedCode, { readonly problem: string }>;

/** Cloudflare shows up to 25 characters of a version's tag. */
const TAG_LENGTH = 25;

/** A worker, one version for each label, and the deployment that shares the traffic between two of them. */
export class GradualDeployment {
  readonly resource: Worker;
  /** Each version records how it was bundled. */
  readonly bundle = undefined;
  readonly file = undefined;
  private readonly deployment: WorkersDeployment;
  private readonly modules: { readonly text: string; readonly asset: CodeAsset }[] = [];
  private readonly accountId: string;

  constructor(
    private readonly scope: Construct,
    private readonly props: WorkerWithKvBindingsProps,
    rollout: GradualRollout,
    private readonly bindings: BindingTable,
  ) {
    this.accountId = accountIdOrDefault(props.accountId);
    const { enabled = true, headSamplingRate = 1, invocationLogs = true } = props.observability ?? {};
    this.resource = new Worker(scope, "Resource", {
      accountId: this.accountId,
      name: literal(props.workerName),
      logpush: props.logpush ?? false,
      observability: { enabled, headSamplingRate, logs: { enabled, headSamplingRate, invocationLogs } },
      subdomain: { enabled: props.workersDev ?? false, previewsEnabled: props.workersDev ?? false },
      ...(props.tailConsumers && { tailConsumers: sortedTails(props.tailConsumers).map((name) => ({ name })) }),
    });
    if (isAdopted(props)) this.resource.importFrom(`${this.accountId}/${idsOf(props).workerId ?? props.workerName}`);
    AppLock.of(scope).keepApart(this.resource, StackRecord.of(scope), "workers", asResolved(scope, props.workerName));

    // The list is ordered and any change is a new deployment, so it is sorted by label.
    const releases = [...rollout.releases].sort((a, b) => byText(a.label, b.label));
    const modules = releases.map((release) => this.moduleOf(release));
    failOn(
      modules.map((module) => (module !== undefined && "problem" in module ? module.problem : undefined)),
      scope,
    );
    const versionIds = releases.map((release, index) => {
      const module = modules[index];
      return module !== undefined && "text" in module ? this.defineVersion(release, module) : release.versionId;
    });
    this.deployment = new WorkersDeployment(scope, "Deployment", {
      accountId: this.accountId,
      // Read when synthesizing, so that the resource's logical id may be overridden until then.
      scriptName: Lazy.stringValue({ produce: () => this.resource.name }),
      strategy: "percentage",
      // The provider refuses a share of 0.
      versions: releases.flatMap(({ percentage }, index) => {
        const versionId = versionIds[index];
        return percentage > 0 && versionId !== undefined ? [{ versionId, percentage }] : [];
      }),
      // Without versions at 0: keeping or dropping one of them is not a new deployment.
      annotations: {
        workersMessage: releases
          .filter(({ percentage }) => percentage > 0)
          .map(({ label, percentage }) => `${label} ${percentage} %`)
          .join(", "),
      },
    });
    this.bindingsChanged();
  }

  /**
   * The Worker's name, from its deployment: whatever refers to it waits until the Worker runs, not only until it has a
   * name.
   */
  get workerName(): string {
    return this.deployment.scriptName;
  }

  /** Writes the namespaces' TTLs into the modules, and updates the dependencies on the namespaces. */
  bindingsChanged(): void {
    const defaults = this.bindings.kvDefaults();
    for (const { text, asset } of this.modules) {
      asset.write(
        defaults === undefined ? text : withFirstLine(text, `globalThis.${KV_DEFAULTS} = ${JSON.stringify(defaults)};`),
      );
    }
    // Destroying a version or a deployment sends no request to Cloudflare; only deleting the worker releases the
    // namespaces, and without this dependency Terraform would delete them at the same time: code 10052.
    this.resource.dependsOn = Object.values(this.bindings.kv)
      .filter((namespace): namespace is KvNamespace => namespace instanceof KvNamespace)
      .filter((namespace) => namespace.resource.cdktfStack === this.resource.cdktfStack)
      .map(({ resource }) =>
        Lazy.stringValue({ produce: () => `${resource.terraformResourceType}.${resource.friendlyUniqueId}` }),
      );
  }

  /** The `vars` that bindings hold only as a reference: JSON with a reference inside is built in a local value. */
  private jsonOfVars(context: IResolveContext): unknown[] {
    const locals = this.scope.node.children.filter((child) => child instanceof TerraformLocal);
    return locals
      .filter(({ node }) => node.id.startsWith("Var-"))
      .map(({ expression }): unknown => context.resolve(expression));
  }

  private moduleOf({ code, versionId }: Release) {
    if (versionId !== undefined) return undefined;
    const found = code ?? this.props.code;
    return found === "wrangler" ? undefined : found?.module(compatibilityOf(this.props));
  }

  private defineVersion({ label }: Release, { text, files, record, file }: LoadedModule): string {
    const { props, bindings } = this;
    const flags = sortedFlags(props.compatibilityFlags);
    const compatibilityDate = props.compatibilityDate ?? COMPATIBILITY_DATE;
    const asset = new CodeAsset(this.scope, `Code-${label}`, text);
    this.modules.push({ text, asset });
    const config = {
      accountId: this.accountId,
      workerId: Lazy.stringValue({ produce: () => this.resource.id }),
      mainModule: MAIN_MODULE,
      modules: [
        { name: MAIN_MODULE, contentType: "application/javascript+module", contentFile: asset.path },
        ...files.map(({ name, type, content }) => {
          const { path } = new CodeAsset(this.scope, `Code-${label}-${name}`, content, name);
          return { name, contentType: CONTENT_TYPES[type], contentFile: path };
        }),
      ],
      compatibilityDate,
      ...(flags && { compatibilityFlags: flags }),
      annotations: {
        workersMessage: `release ${label}`,
        // The provider overlooks an attribute that was removed; another tag makes it create a new version.
        workersTag: Lazy.stringValue({
          produce: (context: IResolveContext) =>
            digest([
              context.resolve(asset.sha256),
              context.resolve(bindings.render(false)),
              compatibilityDate,
              flags,
              ...this.jsonOfVars(context),
            ]),
        }),
      },
    };
    const version = new VersionWithBindings(this.scope, `Version-${label}`, config, () => bindings.render(false));
    if (record !== undefined || file !== undefined) {
      const origin = { ...(record !== undefined && { bundle: record }), ...(file !== undefined && { file }) };
      StackRecord.of(this.scope).addWorker(() => [version.friendlyUniqueId, origin]);
    }
    return version.id;
  }
}

function digest(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, TAG_LENGTH);
}
