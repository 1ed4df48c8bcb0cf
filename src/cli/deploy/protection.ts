import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { namespaceLabel, type Stack } from "../../assembly/index.js";
import { InputError } from "../../errors.js";
import { namespaceOptions } from "../../manifest/index.js";
import { isObject } from "../../values/json.js";
import type { Targets } from "./targets.js";

/** Terraform merges files of this ending into the configuration, argument by argument. */
const OVERRIDE = "cfkv_destroy_override.tf.json";

/**
 * Refuses to destroy what is protected: an environment, or a resource that Terraform must not delete. A manifest that
 * says nothing about protection may be destroyed by name: it is protected from plans, not from its own destruction.
 *
 * @throws InputError `PROTECTED_FROM_DESTROY` with what to change
 */
export function expectDestroyable(stack: Stack, targets: Targets): void {
  const { name, environment = "", namespaces } = stack;
  if (stack.protected) {
    throw refusal(
      `environment '${environment}' of stack '${name}' is protected`,
      `to destroy it, set protect: false in environments.${environment} of its EnvironmentSet, and run the command again`,
    );
  }
  if (isUnspoken(stack, targets)) return;
  const kept = [
    ...namespaces.filter(({ managed, protected: isProtected }) => managed && isProtected).map(namespaceLabel),
    ...protectedAddresses(stack).filter((address) => !address.startsWith("cloudflare_workers_kv_namespace.")),
  ];
  if (kept.length === 0) return;
  const how =
    targets.manifests === undefined
      ? "set preventDestroy: false on each of them"
      : 'set the annotation cdktf-cloudflare-kv/prevent-destroy: "false"';
  throw refusal(
    `stack '${name}' has what is protected: ${kept.join(", ")}`,
    `to destroy it, ${how}, and run the command again`,
  );
}

/** Lets a stack be destroyed that {@link expectDestroyable} has let pass. @returns undoes it */
export function unprotect(stack: Stack, targets: Targets): () => void {
  const addresses = isUnspoken(stack, targets) ? protectedAddresses(stack) : [];
  if (addresses.length === 0) return () => undefined;
  const resource: Record<string, Record<string, unknown>> = {};
  for (const address of addresses) {
    const [type = "", id = ""] = address.split(".");
    resource[type] = { ...resource[type], [id]: { lifecycle: { prevent_destroy: false } } };
  }
  const file = join(stack.directory, OVERRIDE);
  writeFileSync(file, JSON.stringify({ resource }));
  return () => rmSync(file, { force: true });
}

/** Whether a stack is made of manifests, none of which asks for protection. */
function isUnspoken({ environment }: Stack, { manifests }: Targets): boolean {
  if (manifests === undefined || environment !== undefined) return false;
  return manifests.units
    .flatMap((unit) => unit.manifests)
    .every(
      (manifest) => manifest.kind !== "CloudflareKvNamespace" || namespaceOptions(manifest).preventDestroy !== true,
    );
}

function protectedAddresses({ directory }: Stack): readonly string[] {
  const stack: unknown = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8"));
  const types = isObject(stack) && isObject(stack["resource"]) ? Object.entries(stack["resource"]) : [];
  return types.flatMap(([type, resources]) =>
    Object.entries(isObject(resources) ? resources : {}).flatMap(([id, resource]) => {
      const lifecycle = isObject(resource) ? resource["lifecycle"] : undefined;
      return isObject(lifecycle) && lifecycle["prevent_destroy"] === true ? [`${type}.${id}`] : [];
    }),
  );
}

function refusal(message: string, hint: string): InputError {
  return new InputError("PROTECTED_FROM_DESTROY", message, hint);
}
