import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { type App, TerraformOutput, TerraformStack } from "cdktf";
import type { KvNamespace } from "../constructs/kv-namespace.js";
import { localState } from "../constructs/state.js";
import { constructName, type Manifest, type ManifestSet, placeOf } from "../manifest/index.js";
import { defineEnvironmentSet } from "./define-environment-set.js";
import { defineNamespace } from "./define-namespace.js";
import type { DefineOptions } from "./define-options.js";
import { defineTemplate } from "./define-template.js";
import { attempt } from "./problems.js";

/** A document that becomes a part of a stack. */
type Part = Extract<Manifest, { readonly kind: "CloudflareKvNamespace" | "workers_kv" }>;

/** A planned stack: one file or kustomization, or with `split` one document. */
export interface PlannedStack {
  readonly name: string;
  readonly parts: readonly Part[];
}

/** The stacks that a set of manifests becomes, except those of EnvironmentSets; duplicate names are a problem. */
export function planStacks(set: ManifestSet, { stack, split }: { stack?: string; split?: boolean }): PlannedStack[] {
  const plans = set.units.flatMap(({ name, manifests }): PlannedStack[] => {
    const parts = manifests.filter(isPart);
    const [first] = parts;
    if (first === undefined) return [];
    if (split === true) return parts.map((part) => ({ name: nameOf(part), parts: [part] }));
    return [{ name: parts.length === 1 && first.kind === "workers_kv" ? nameOf(first) : name, parts }];
  });
  const [only] = plans;
  if (stack !== undefined && only !== undefined && plans.length === 1) return [{ ...only, name: stack }];
  reportTwice(plans);
  return plans;
}

function reportTwice(plans: readonly PlannedStack[]): void {
  const names = new Map<string, string>();
  for (const { name, parts } of plans) {
    const [first] = parts;
    if (first === undefined) continue;
    const { file } = first.document.source;
    const other = names.get(name);
    if (other === undefined) names.set(name, file);
    else {
      const message = `the stack '${name}' already comes from ${other}: rename one of the two, or name this one with --stack`;
      placeOf(first).report({ code: "DUPLICATE_STACK", message });
    }
  }
}

function isPart(manifest: Manifest): manifest is Part {
  return manifest.kind === "CloudflareKvNamespace" || manifest.kind === "workers_kv";
}

function nameOf(part: Part): string {
  const name = part.kind === "workers_kv" ? part.value.projectName : constructName(part);
  return name.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "") || "manifests";
}

/** Defines every stack of a set of manifests. Problems that constructs report are added to the set's findings. */
export function defineStacks(
  app: App,
  set: ManifestSet,
  plans: readonly PlannedStack[],
  options: DefineOptions,
): TerraformStack[] {
  const stacks = plans.map((plan) => defineStack(app, plan, options));
  const sets = set.units.flatMap(({ manifests }) => manifests);
  const environments = sets.flatMap((manifest) => {
    if (manifest.kind !== "EnvironmentSet") return [];
    return attempt(manifest, () => defineEnvironmentSet(app, manifest, options))?.environments ?? [];
  });
  return [...stacks, ...environments.map(({ stack }) => stack)];
}

function defineStack(app: App, { name, parts }: PlannedStack, options: DefineOptions): TerraformStack {
  const stack = new TerraformStack(app, name);
  new CloudflareProvider(stack, "cloudflare");
  localState(stack);
  const namespaces: Record<string, KvNamespace> = {};
  for (const part of parts) attempt(part, () => Object.assign(namespaces, definePart(stack, part, options)));

  const ids = Object.entries(namespaces).map(([id, { namespaceId }]) => [id, namespaceId] as const);
  const [only] = ids;
  if (only !== undefined && ids.length === 1) new TerraformOutput(stack, "namespace_id", { value: only[1] });
  new TerraformOutput(stack, "namespace_ids", { value: Object.fromEntries(ids) });
  return stack;
}

/** Defines a document and returns its namespaces by the names that they have in the manifest. */
function definePart(stack: TerraformStack, part: Part, options: DefineOptions): Readonly<Record<string, KvNamespace>> {
  if (part.kind === "CloudflareKvNamespace") {
    return { [constructName(part)]: defineNamespace(stack, part, options) };
  }
  const { namespaces, worker } = defineTemplate(stack, part, options);
  worker.outputs.workerName.overrideLogicalId("worker_name");
  worker.outputs.workerUrls.overrideLogicalId("worker_urls");
  return namespaces;
}
