import { join } from "node:path";
import { InputError } from "../errors.js";
import { isHexId } from "../kv/ids.js";
import type { Workload } from "../kv/workload.js";
import type { JsonObject } from "../values/json.js";
import type { CfkvNamespace } from "./cfkv-record.js";
import { asFlag, asList, asObject, asText, optional } from "./json.js";
import type { ManagedEntry, Namespace } from "./model.js";
import { findReferences, parseTemplate } from "./references.js";
import type { Resolver } from "./resolver.js";
import type { StackFile } from "./stack-file.js";

const MANAGED = "cloudflare_workers_kv_namespace";
const LOOKUPS = ["cloudflare_workers_kv_namespaces", "cloudflare_workers_kv_namespace"];
const ENTRY_TYPE = "cloudflare_workers_kv";

type OpenNamespace = Namespace & { readonly entries: ManagedEntry[]; readonly bindingNames: string[] };

/** Every namespace of an assembly: one object each, however many stacks and Workers refer to it. */
export class NamespaceBook {
  private readonly byKey = new Map<string, OpenNamespace>();

  constructor(
    private readonly stacks: readonly StackFile[],
    private readonly resolver: Resolver,
  ) {
    for (const stack of stacks) {
      for (const [id, attributes] of stack.resources.get(MANAGED) ?? []) this.addManaged(stack, id, attributes);
    }
    for (const stack of stacks) {
      for (const id of stack.cfkv.namespaces.keys()) this.addNoted(stack, id);
    }
  }

  /** Those that a stack manages, then those it refers to. */
  of(stack: string): Namespace[] {
    const all = [...this.byKey.values()].filter((namespace) => namespace.stack === stack);
    return [...all.filter(({ managed }) => managed), ...all.filter(({ managed }) => !managed)];
  }

  /** The namespace of a `namespace_id`, wherever it is defined; records the name of a Worker's binding to it. */
  bind(from: StackFile, namespaceId: unknown, binding: string): Namespace {
    const namespace = this.open(from, namespaceId);
    if (!namespace.bindingNames.includes(binding)) namespace.bindingNames.push(binding);
    namespace.bindingNames.sort();
    return namespace;
  }

  /** Reads the entries that a stack's Terraform writes into the namespaces they belong to. */
  addEntries(stack: StackFile): void {
    for (const [logicalId, attributes] of stack.resources.get(ENTRY_TYPE) ?? []) {
      const text = (name: string): string | undefined => {
        const source = asText(attributes[name]);
        return source && this.resolver.text(stack, source, `${ENTRY_TYPE}.${logicalId}.${name}`);
      };
      const metadata = text("metadata");
      this.open(stack, attributes["namespace_id"]).entries.push({
        logicalId,
        key: text("key_name") ?? "",
        value: text("value") ?? "",
        ...optional("metadata", metadata === undefined ? undefined : parseMetadata(metadata)),
      });
    }
  }

  private open(from: StackFile, namespaceId: unknown): OpenNamespace {
    const { stack, value } = this.resolver.follow(from, namespaceId);
    const source = asText(value) ?? "";
    const parts = parseTemplate(source);
    const references = parts.flatMap((part) => (part.kind === "expression" ? findReferences(part.expression) : []));
    const managed = references.find(({ root, type }) => root === "resource" && type === MANAGED);
    const known = managed && this.byKey.get(key(stack.name, managed.id));
    if (known !== undefined) return known;

    const lookup = references.find(({ root, type }) => root === "data" && LOOKUPS.includes(type));
    if (lookup !== undefined) return this.external(stack, lookup.id, TITLE_TEST.exec(source)?.[1]);
    const literal = this.resolver.known(stack, source);
    if (typeof literal === "string" && literal !== "") return this.external(stack, literal);
    const [first] = parts;
    return this.external(stack, first?.kind === "expression" ? first.expression : source);
  }

  private addManaged(stack: StackFile, logicalId: string, attributes: JsonObject): void {
    const title = asText(attributes["title"]);
    if (title === undefined) {
      const message = `${MANAGED}.${logicalId} of stack '${stack.name}' must have a title, got none`;
      throw new InputError("ASSEMBLY_BROKEN", message, "synthesize again: cfkv synth");
    }
    const lifecycle = asObject(asList(attributes["lifecycle"])[0]);
    this.byKey.set(key(stack.name, logicalId), {
      ...this.describe(stack, logicalId, stack.cfkv.namespaces.get(logicalId)),
      managed: true,
      // Terraform composes characters, so this is the name at Cloudflare.
      name: this.resolver.text(stack, title, `${MANAGED}.${logicalId}.title`).normalize("NFC"),
      ...optional("namespaceId", importedId(stack, logicalId)),
      ...optional("accountId", asText(this.resolver.known(stack, attributes["account_id"]))),
      protected: asFlag(lifecycle["prevent_destroy"]),
    });
  }

  /** A namespace outside that the `cfkv` block describes, even when no Worker binds it. */
  private addNoted(stack: StackFile, id: string): void {
    const looksUp = LOOKUPS.some((type) => stack.data.get(type)?.has(id));
    if (!this.byKey.has(key(stack.name, id)) && (looksUp || isHexId(id))) this.external(stack, id);
  }

  private external(stack: StackFile, id: string, title?: string): OpenNamespace {
    const known = this.byKey.get(key(stack.name, id));
    if (known !== undefined) return known;
    const note = stack.cfkv.namespaces.get(id);
    const attributes = LOOKUPS.map((type) => stack.data.get(type)?.get(id)).find((found) => found !== undefined);
    const literalId = attributes?.["namespace_id"] ?? id;
    const namespace: OpenNamespace = {
      ...this.describe(stack, id, note),
      managed: false,
      ...optional("name", this.noted(stack, id, "namespaceName") ?? title),
      ...optional("namespaceId", typeof literalId === "string" && isHexId(literalId) ? literalId : undefined),
      ...optional("accountId", asText(this.resolver.known(stack, attributes?.["account_id"]))),
      protected: false,
    };
    this.byKey.set(key(stack.name, id), namespace);
    return namespace;
  }

  /** A string of the `cfkv` block, where cdktf writes `${x}` and references as in attributes. */
  private noted(stack: StackFile, id: string, field: "namespaceName" | "description"): string | undefined {
    const text = stack.cfkv.namespaces.get(id)?.[field];
    return text === undefined ? undefined : this.resolver.text(stack, text, `//.cfkv.namespaces.${id}.${field}`);
  }

  /** Patterns and what they are for are strings of the `cfkv` block too. */
  private keysOf(stack: StackFile, id: string): Record<string, string> {
    const path = `//.cfkv.namespaces.${id}.keys`;
    const entries = Object.entries(stack.cfkv.namespaces.get(id)?.keys ?? {});
    return Object.fromEntries(
      entries.map(([pattern, use]) => [
        this.resolver.text(stack, pattern, path),
        this.resolver.text(stack, use, `${path}.${pattern}`),
      ]),
    );
  }

  private describe(stack: StackFile, logicalId: string, note: CfkvNamespace | undefined) {
    return {
      stack: stack.name,
      logicalId,
      ttlSeconds: note?.ttlSeconds ?? 0,
      ...optional("description", this.noted(stack, logicalId, "description")),
      ...optional("binding", note?.binding),
      seedFiles: (note?.seed ?? []).map((file) => join(stack.directory, file)),
      entries: [],
      keys: this.keysOf(stack, logicalId),
      ...optional("value", note?.value),
      ...optional("workload", note?.workload as Workload | undefined),
      bindingNames: [],
    };
  }
}

/** A lookup by name in Terraform: `one([for n in … : n.id if n.title == "shop-sessions"])`. */
const TITLE_TEST = /\.title\s*==\s*"([^"\\]*)"/;

function key(stack: string, id: string): string {
  return `${stack}/${id}`;
}

/** The namespace that an `import` block makes the resource adopt: `<account id>/<namespace id>`. */
function importedId(stack: StackFile, logicalId: string): string | undefined {
  const block = stack.imports.find(
    ({ to }) => to === `${MANAGED}.${logicalId}` || to === `\${${MANAGED}.${logicalId}}`,
  );
  const id = asText(block?.["id"])?.split("/").at(-1);
  return id !== undefined && isHexId(id) ? id : undefined;
}

function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It contains a reference that only Terraform resolves; the stack's `unresolved` lists it.
    return text;
  }
}
