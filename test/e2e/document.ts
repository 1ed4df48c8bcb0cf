import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export type Json = Record<string, unknown>;

/** A `cdk.tf.json`, as far as it is changed here. */
export interface Document {
  readonly "//"?: { readonly cfkv?: { readonly namespaces?: Record<string, { readonly namespaceName?: string }> } };
  readonly import?: readonly { readonly to: string; readonly id: string }[];
  readonly variable?: Record<string, Json>;
  readonly resource?: Record<string, Record<string, Json>>;
}

const NAMESPACE = "cloudflare_workers_kv_namespace";
const SCRIPT = "cloudflare_workers_script";
const VERSION = "cloudflare_worker_version";
const DEPLOYMENT = "cloudflare_workers_deployment";
const HEX32 = /^[0-9a-f]{32}$/;

/** The resources of a type, by name. */
export function resources(document: Document, type: string): [name: string, resource: Json][] {
  return Object.entries(document.resource?.[type] ?? {});
}

/** What of the stack has to be there before it is applied: namespaces it imports, reads, or binds by id. */
export function presupposed(document: Document, account: string): { account: string; id: string; title: string }[] {
  const imported = (document.import ?? []).flatMap(({ to, id }) => {
    const title = resources(document, NAMESPACE).find(([name]) => to === `${NAMESPACE}.${name}`)?.[1].title;
    const [owner = account, namespace = ""] = id.split("/");
    return typeof title === "string" ? [{ account: owner, id: namespace, title }] : [];
  });
  const read = Object.values(document["//"]?.cfkv?.namespaces ?? {}).flatMap(({ namespaceName: title }) =>
    title === undefined ? [] : [{ account, id: hex(title), title }],
  );
  const bound = bindings(document).flatMap(({ namespace_id: id }) =>
    typeof id === "string" && HEX32.test(id) ? [{ account, id, title: `elsewhere ${id}` }] : [],
  );
  return [...new Map([...bound, ...read, ...imported].map((each) => [each.id, each])).values()];
}

export function workerNames(document: Document): string[] {
  const named = [
    ...resources(document, SCRIPT).map(([, { script_name: name }]) => name),
    ...resources(document, "cloudflare_worker").map(([, { name }]) => name),
  ];
  return named.filter((name) => typeof name === "string");
}

export function accounts(document: Document): string[] {
  const all = Object.values(document.resource ?? {}).flatMap((type) => Object.values(type));
  return [...new Set(all.map(({ account_id: id }) => id).filter((id) => typeof id === "string"))];
}

export function kvBindingNames(document: Document): string[] {
  return [...new Set(bindings(document).flatMap(({ type, name }) => (type === "kv_namespace" ? [String(name)] : [])))];
}

/** Nothing is protected from destruction here. */
export function unprotected(document: Document): Document {
  return edited(document, (copy) => {
    for (const resource of Object.values(copy.resource ?? {}).flatMap((type) => Object.values(type))) {
      if (resource.lifecycle !== undefined)
        resource.lifecycle = { ...(resource.lifecycle as Json), prevent_destroy: false };
    }
  });
}

/** The first namespace under another title. */
export function renamed(document: Document): Document {
  return edited(document, (copy) => {
    const [first] = resources(copy, NAMESPACE);
    if (first !== undefined) first[1].title = `${String(first[1].title)}-renamed`;
  });
}

/** Every TTL a minute longer, where a binding carries it. */
export function withOtherTtl(document: Document): Document {
  return edited(document, (copy) => {
    for (const binding of bindings(copy)) {
      if (binding.name === "KV_DEFAULTS" && typeof binding.text === "string") {
        binding.text = binding.text.replace(
          /("ttlSeconds":\s*)(\d+)/g,
          (_, label: string, ttl: string) => `${label}${Number(ttl) + 60}`,
        );
      }
    }
  });
}

/** Code that reads the key `probe` through every KV binding it has, in place of the code there is. */
const PROBE = `export default {
  async fetch(request, env) {
    const read = {};
    for (const [name, binding] of Object.entries(env)) {
      if (typeof binding?.getWithMetadata === "function") read[name] = await binding.get("probe");
    }
    return Response.json(read);
  },
  async scheduled() {},
};
`;

export function withProbe(document: Document, folder: string): Document {
  const file = "probe.js";
  writeFileSync(join(folder, file), PROBE);
  const digest = createHash("sha256").update(PROBE).digest("hex");
  return edited(document, (copy) => {
    for (const [, script] of resources(copy, SCRIPT))
      Object.assign(script, { content_file: file, content_sha256: digest });
    for (const [, version] of resources(copy, VERSION)) {
      version.modules = (version.modules as Json[]).map(({ content_base64: _content, ...module }) => {
        return { ...module, content_file: file };
      });
      retag(version);
    }
  });
}

/** One more namespace, bound to every Worker. */
export function withOneMoreBinding(document: Document, account: string): Document {
  return edited(document, (copy) => {
    const extra = { account_id: account, title: "e2e-extra", lifecycle: { create_before_destroy: true } };
    const all = copy.resource as Record<string, Record<string, Json>>;
    all[NAMESPACE] = { ...all[NAMESPACE], e2e_extra: extra };
    const binding = { name: "A_PROBE", type: "kv_namespace", namespace_id: `\${${NAMESPACE}.e2e_extra.id}` };
    for (const [, worker] of [...resources(copy, SCRIPT), ...resources(copy, VERSION)]) {
      worker.bindings = [binding, ...((worker.bindings ?? []) as Json[])];
      if (worker.modules !== undefined) retag(worker);
    }
  });
}

/** All traffic on the last version. Undefined where nothing is split. */
export function rolledOut(document: Document): Document | undefined {
  const split = resources(document, DEPLOYMENT).some(([, { versions }]) => (versions as Json[]).length > 1);
  if (!split) return undefined;
  return edited(document, (copy) => {
    for (const [, deployment] of resources(copy, DEPLOYMENT)) {
      const last = (deployment.versions as Json[]).at(-1);
      deployment.versions = [{ ...last, percentage: 100 }];
    }
  });
}

/** The first namespace's address and name, for an import. */
export function firstNamespace(document: Document): { address: string; title: string; account: string } | undefined {
  const [first] = resources(document, NAMESPACE);
  if (first === undefined) return undefined;
  const [name, { title, account_id: account }] = first;
  return { address: `${NAMESPACE}.${name}`, title: String(title), account: String(account) };
}

export function withImport(document: Document, to: string, id: string): Document {
  return { ...document, import: [...(document.import ?? []).filter((block) => block.to !== to), { to, id }] };
}

function bindings(document: Document): Json[] {
  const owners = [...resources(document, SCRIPT), ...resources(document, VERSION)];
  return owners.flatMap(([, { bindings: own }]) => (own ?? []) as Json[]);
}

/** A version is made anew when its tag changes, not when some of the rest does. */
function retag(version: Json): void {
  const { annotations: _annotations, ...rest } = version;
  version.annotations = {
    ...(version.annotations as Json | undefined),
    workers_tag: hex(JSON.stringify(rest)).slice(0, 12),
  };
}

function edited(document: Document, change: (copy: Document) => void): Document {
  const copy = structuredClone(document);
  change(copy);
  return copy;
}

const hex = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
