import { isBuiltInName, isIdentifier } from "../kv/names.js";
import { byText } from "../values/text.js";
import type { IKvNamespace } from "./kv-namespace-props.js";
import { literal } from "./literal.js";
import type { MigrationFolder } from "./migration-folder.js";
import { changedText } from "./terraform-text.js";

/** The text binding through which TTLs and descriptions reach the code. */
export const KV_DEFAULTS = "KV_DEFAULTS";

const bound = new WeakSet<IKvNamespace>();

/** Whether any Worker, of whatever stack, is bound to a namespace. */
export function isBound(namespace: IKvNamespace): boolean {
  return bound.has(namespace);
}

/** A binding in the form that Terraform expects. */
export type RenderedBinding = Readonly<Record<string, unknown>> & { readonly name: string };

/** A Worker's bindings: one table of names over all kinds. */
export class BindingTable {
  private readonly owners = new Map<string, string>([[KV_DEFAULTS, "this library"]]);
  private readonly others: (() => RenderedBinding)[] = [];
  private readonly namespaces = new Map<string, { readonly namespace: IKvNamespace; readonly namespaceId: string }>();
  /** The Terraform variable of each secret. */
  readonly secretVariables = new Map<string, string>();
  /** The ids of databases, by binding. */
  readonly databases = new Map<string, string>();
  /** The migrations of databases, by binding. */
  readonly migrations = new Map<string, MigrationFolder>();

  /** Claims a name, or returns what is wrong with it. */
  claim(name: string, kind: string): string | undefined {
    const problem = this.nameProblem(name, kind);
    if (problem === undefined) this.owners.set(name, kind);
    return problem;
  }

  /** What would be wrong with a name. */
  nameProblem(name: string, kind: string): string | undefined {
    if (!isIdentifier(name)) return `binding names must be JavaScript identifiers, got '${name}' (${kind})`;
    if (isBuiltInName(name))
      return `binding '${name}' (${kind}) must have another name: every JavaScript object has a member of that name`;
    const changed = changedText(name);
    if (changed !== undefined) return `binding '${name}' (${kind}) ${changed}`;
    const owner = this.owners.get(name);
    return owner === undefined ? undefined : `binding '${name}' is defined twice: by ${owner} and by ${kind}`;
  }

  /** The namespaces by binding, as a copy in the order of the names. */
  get kv(): Readonly<Record<string, IKvNamespace>> {
    const sorted = [...this.namespaces].sort(([a], [b]) => byText(a, b));
    return Object.fromEntries(sorted.map(([name, { namespace }]) => [name, namespace]));
  }

  addKv(name: string, namespace: IKvNamespace): void {
    bound.add(namespace);
    // Read once: cdktf follows a reference from stack to stack by its identity, and a getter may make a new one.
    this.namespaces.set(name, { namespace, namespaceId: namespace.namespaceId });
  }

  add(render: () => RenderedBinding): void {
    this.others.push(render);
  }

  /** TTL and description of each namespace as one JSON string; undefined when no namespace has either. */
  kvDefaults(): string | undefined {
    const said = Object.entries(this.kv)
      .map(
        ([name, { ttlSeconds, description }]) =>
          [name, { ...(ttlSeconds > 0 && { ttlSeconds }), ...(description !== undefined && { description }) }] as const,
      )
      .filter(([, defaults]) => Object.keys(defaults).length > 0);
    return said.length === 0 ? undefined : JSON.stringify(Object.fromEntries(said));
  }

  /** In the form that Terraform expects, sorted by name; undefined, never an empty list, when there are none. */
  render(withDefaults: boolean): readonly RenderedBinding[] | undefined {
    const defaults = withDefaults ? this.kvDefaults() : undefined;
    const rendered = [
      ...this.others.map((render) => render()),
      ...[...this.namespaces].map(([name, { namespaceId }]) => ({
        name,
        type: "kv_namespace",
        namespace_id: namespaceId,
      })),
      ...(defaults === undefined ? [] : [{ name: KV_DEFAULTS, type: "plain_text", text: literal(defaults) }]),
    ];
    return rendered.length === 0 ? undefined : rendered.sort((a, b) => byText(a.name, b.name));
  }
}
