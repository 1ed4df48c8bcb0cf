import { Construct } from "constructs";
import type { KvNamespace } from "../constructs/kv-namespace.js";
import type { WorkerWithKvBindings } from "../constructs/worker-with-kv-bindings.js";
import { CodedError } from "../errors.js";
import { constructName, type Manifest, placeOf, readManifests } from "../manifest/index.js";
import { defineNamespace } from "./define-namespace.js";
import { defineTemplate } from "./define-template.js";
import { type LoadOptions, ManifestError } from "./load-manifests.js";
import { attempt, reportMissingAccounts } from "./problems.js";

/** Properties of a {@link ManifestInclude}. */
export interface ManifestIncludeProps extends Pick<LoadOptions, "accountId" | "compat" | "set"> {
  /** The manifest: a file, or a kustomization, relative to the working directory. */
  readonly path: string;
}

/**
 * Includes a YAML manifest in a stack: its namespaces, and its Worker if it is a template.
 *
 * @example
 * const manifest = new ManifestInclude(this, "Kv", { path: "manifests/kv.yaml" });
 * new WorkerWithKvBindings(this, "Api", { …, kv: { CONFIG: manifest.namespace("myapp-config") } });
 */
export class ManifestInclude extends Construct {
  private readonly byName = new Map<string, KvNamespace>();
  private included: WorkerWithKvBindings | undefined;

  /** @throws ManifestError with every problem of every document */
  constructor(scope: Construct, id: string, props: ManifestIncludeProps) {
    super(scope, id);
    const set = readManifests([props.path], props);
    const manifests = set.units.flatMap((unit) => unit.manifests);
    reportMissingAccounts(manifests, props);
    for (const manifest of manifests) refuseSet(manifest);
    if (!set.isValid()) throw new ManifestError(set);
    for (const manifest of manifests) attempt(manifest, () => this.define(manifest, props));
    if (!set.isValid()) throw new ManifestError(set);
  }

  /** The namespaces by the names of their documents, or the ids of a template's resources; as a copy. */
  get namespaces(): Readonly<Record<string, KvNamespace>> {
    return Object.fromEntries(this.byName);
  }

  /** The Worker of a template. */
  get worker(): WorkerWithKvBindings | undefined {
    return this.included;
  }

  /**
   * The namespace of a document.
   *
   * @throws CodedError `UNKNOWN_NAMESPACE` with the known names
   */
  namespace(name: string): KvNamespace {
    const namespace = this.byName.get(name);
    if (namespace !== undefined) return namespace;
    const known = [...this.byName.keys()].map((one) => `'${one}'`).join(", ");
    throw new CodedError("UNKNOWN_NAMESPACE", `the manifest has no namespace '${name}', known are ${known}`);
  }

  private define(manifest: Manifest, props: ManifestIncludeProps): void {
    if (manifest.kind === "CloudflareKvNamespace") {
      this.byName.set(constructName(manifest), defineNamespace(this, manifest, props));
    } else if (manifest.kind === "workers_kv") {
      const { namespaces, worker } = defineTemplate(this, manifest, props);
      for (const [id, namespace] of Object.entries(namespaces)) this.byName.set(id, namespace);
      this.included = worker;
    }
  }
}

function refuseSet(manifest: Manifest): void {
  if (manifest.kind !== "EnvironmentSet") return;
  const message = "an EnvironmentSet creates stacks and cannot be part of one: use loadManifests(app, …)";
  placeOf(manifest, "kind").report({ code: "INVALID_PROPS", message });
}
