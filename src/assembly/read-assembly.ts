import { resolve } from "node:path";
import { BindingReader } from "./bindings.js";
import { asFlag, asObject, asText, optional } from "./json.js";
import { readManifest } from "./manifest.js";
import type { Assembly, Output, Stack, Variable, Worker } from "./model.js";
import { NamespaceBook } from "./namespaces.js";
import { Resolver } from "./resolver.js";
import { readStackFile, type StackFile } from "./stack-file.js";
import { WORKER_RESOURCES, WorkerReader } from "./workers.js";

const MODELLED = new Set([
  ...WORKER_RESOURCES,
  "cloudflare_workers_kv_namespace",
  "cloudflare_workers_kv",
  "cloudflare_d1_database",
]);

/**
 * Reads what an app synthesized: our stacks, hand-written ones with `cloudflare_*` resources, and mixtures.
 *
 * @param directory - the `cdktf.out` folder
 * @throws InputError `ASSEMBLY_MISSING`, `ASSEMBLY_FOREIGN`, `ASSEMBLY_BROKEN`, `ASSEMBLY_HCL` or `ASSEMBLY_NEWER`
 */
export function readAssembly(directory: string): Assembly {
  const root = resolve(directory);
  const files = readManifest(root).map((stack) => readStackFile(root, stack));
  const resolver = new Resolver(files);
  const namespaces = new NamespaceBook(files, resolver);
  const bindings = new BindingReader(files, resolver, namespaces);

  // Every stack's Workers come before any stack's namespaces: they may bind what another stack manages.
  const workers = new Map(files.map((file) => [file, readWorkers(file, namespaces, resolver, bindings)]));
  const stacks = files.map((file): Stack => ({
    name: file.name,
    directory: file.directory,
    ...optional("app", file.cfkv.app),
    ...optional("environment", file.cfkv.environment),
    ...optional("developer", file.cfkv.developer),
    protected: file.cfkv.protected ?? false,
    dependencies: file.manifest.dependencies,
    namespaces: namespaces.of(file.name),
    workers: workers.get(file) ?? [],
    databases: bindings.databasesOf(file.name),
    outputs: readOutputs(file, resolver),
    variables: readVariables(file),
    annotations: file.manifest.annotations,
    otherResources: otherResources(file),
    ...optional("stateFile", stateFile(file)),
    unresolved: resolver.unresolvedOf(file),
  }));
  return { directory: root, stacks };
}

function readWorkers(
  file: StackFile,
  namespaces: NamespaceBook,
  resolver: Resolver,
  bindings: BindingReader,
): Worker[] {
  namespaces.addEntries(file);
  return new WorkerReader(file, resolver, bindings).read();
}

function readOutputs(file: StackFile, resolver: Resolver): Output[] {
  return [...file.outputs].map(([name, { description, sensitive, value }]) => ({
    name,
    ...optional("description", asText(description)),
    sensitive: asFlag(sensitive),
    ...optional("value", asFlag(sensitive) ? undefined : resolver.known(file, value)),
  }));
}

function readVariables(file: StackFile): Variable[] {
  return [...file.variables].map(([name, variable]) => ({
    name,
    sensitive: asFlag(variable["sensitive"]),
    ...optional("description", asText(variable["description"])),
    optional: variable["default"] !== undefined,
  }));
}

/** A path of a local backend is relative to the folder that Terraform runs in. */
function stateFile({ backend, directory }: StackFile): string | undefined {
  const path = asText(asObject(backend["local"])["path"]);
  return path === undefined ? undefined : resolve(directory, path);
}

function otherResources(file: StackFile): string[] {
  const types = [...file.resources].filter(([type]) => !MODELLED.has(type));
  return types.flatMap(([type, blocks]) => [...blocks.keys()].map((id) => `${type}.${id}`)).sort();
}
