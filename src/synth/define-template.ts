import type { Construct } from "constructs";
import type { D1Props } from "../constructs/binding-props.js";
import { KvNamespace } from "../constructs/kv-namespace.js";
import { WorkerCode } from "../constructs/worker-code.js";
import { WorkerWithKvBindings } from "../constructs/worker-with-kv-bindings.js";
import type { ManifestOf, TemplateDocument } from "../manifest/index.js";
import { accountOf, constructFile, type DefineOptions } from "./define-options.js";

type Resource = TemplateDocument["resources"][number];
type ResourceOf<T extends Resource["type"]> = Extract<Resource, { readonly type: T }>;

/** The constructs of a template. */
export interface DefinedTemplate {
  /** By the ids of their resources. */
  readonly namespaces: Readonly<Record<string, KvNamespace>>;
  readonly worker: WorkerWithKvBindings;
}

/** Defines a workers_kv template: its namespaces, and the Worker that is bound to them. */
export function defineTemplate(
  scope: Construct,
  manifest: ManifestOf<"workers_kv">,
  options: DefineOptions,
): DefinedTemplate {
  const { projectName, resources, accountId: own, retired, deleted } = manifest.value;
  KvNamespace.leaving(scope, { ...(retired !== undefined && { retired }), ...(deleted !== undefined && { deleted }) });
  const of = <T extends Resource["type"]>(type: T): ResourceOf<T>[] =>
    resources.filter((resource): resource is ResourceOf<T> => resource.type === type);
  const accountId = accountOf(own, options);
  const account = accountId === undefined ? {} : { accountId };

  const kv: Record<string, KvNamespace> = {};
  const namespaces: Record<string, KvNamespace> = {};
  for (const { id, name, config } of of("cloudflare_kv")) {
    const { binding, ...settings } = config;
    const namespace = new KvNamespace(scope, id, { namespaceName: `${projectName}-${name}`, ...settings, ...account });
    kv[binding] = namespace;
    namespaces[id] = namespace;
  }
  const [worker] = of("cloudflare_worker");
  if (worker === undefined) throw new Error("a template without a Worker passed validation");
  const { main, ...settings } = worker.config;
  const domains = of("cloudflare_custom_domain").map(({ name, config }) => ({
    hostname: config.hostname ?? name,
    zoneId: config.zoneId,
  }));

  return {
    namespaces,
    worker: new WorkerWithKvBindings(scope, worker.id, {
      workerName: worker.name,
      code:
        options.isRehearsal === true
          ? WorkerCode.fromInline("export default {};")
          : WorkerCode.fromEntry(constructFile(manifest, main, options)),
      kv,
      d1: Object.fromEntries(
        of("cloudflare_d1").map((database) => [database.config.binding, d1(projectName, database)]),
      ),
      ...settings,
      ...(domains.length > 0 && { customDomains: domains }),
      ...account,
    }),
  };
}

function d1(projectName: string, { name, config }: ResourceOf<"cloudflare_d1">): D1Props {
  const { databaseId, renamedFrom } = config;
  if (databaseId !== undefined) return { databaseId };
  return { databaseName: `${projectName}-${name}`, ...(renamedFrom !== undefined && { renamedFrom }) };
}
