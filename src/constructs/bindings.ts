import { D1Database } from "@cdktf/provider-cloudflare/lib/d1-database/index.js";
import {
  type WorkersScriptBindings,
  workersScriptBindingsToTerraform,
} from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { Fn, TerraformVariable, Token } from "cdktf";
import type { Construct } from "constructs";
import { isUuid } from "../kv/ids.js";
import type { JsonValue } from "../values/json.js";
import { byText } from "../values/text.js";
import type { IKvNamespace } from "./kv-namespace.js";
import { literal } from "./literal.js";
import type { StackRecord } from "./stack-record.js";

/** A D1 database to create, or one that exists already: give either `databaseName` or `databaseId`. */
export interface D1Props {
  /**
   * Creates a database of this name.
   *
   * @default - the existing database `databaseId`
   */
  readonly databaseName?: string;

  /**
   * Binds an existing database: a UUID.
   *
   * @default - a database is created
   */
  readonly databaseId?: string;

  /**
   * Whether a created database is read from replicas near the reader.
   *
   * @default "disabled"
   */
  readonly readReplication?: "auto" | "disabled";

  /**
   * Refuses any plan that would delete a created database.
   *
   * @default true
   */
  readonly preventDestroy?: boolean;
}

/** Cloudflare's own rate limiter, counted per location. Needs provider 5.19 or newer, which is then asked for. */
export interface RateLimitProps {
  /** Requests that pass in each period. */
  readonly limit: number;
  /** Seconds. */
  readonly period: 10 | 60;
  /**
   * Separates this limiter's counts from others of the account: a positive whole number, as text.
   *
   * @default "1"
   */
  readonly namespaceId?: string;
}

/** The bindings of a Worker other than its KV namespaces. */
export interface OtherBindings {
  readonly vars: Readonly<Record<string, JsonValue>>;
  readonly secrets: readonly string[];
  readonly d1: Readonly<Record<string, D1Props>>;
  readonly services: Readonly<Record<string, string>>;
  readonly rateLimits: Readonly<Record<string, RateLimitProps>>;
  readonly assets: string | undefined;
  readonly bindings: readonly WorkersScriptBindings[];
}

/** The text binding through which TTLs and descriptions reach the code. */
export const KV_DEFAULTS = "KV_DEFAULTS";

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

const bound = new WeakSet<IKvNamespace>();

/** Whether any Worker, of whatever stack, is bound to a namespace. */
export function isBound(namespace: IKvNamespace): boolean {
  return bound.has(namespace);
}

type Rendered = Readonly<Record<string, unknown>> & { readonly name: string };

/** A Worker's bindings: one table of names over all kinds. */
export class BindingTable {
  private readonly owners = new Map<string, string>([[KV_DEFAULTS, "this library"]]);
  private readonly others: (() => Rendered)[] = [];
  private readonly namespaces = new Map<string, { readonly namespace: IKvNamespace; readonly namespaceId: string }>();
  /** The Terraform variable of each secret. */
  readonly secretVariables = new Map<string, string>();

  /** Takes a name, or tells what is wrong with it. */
  claim(name: string, kind: string): string | undefined {
    const problem = this.nameProblem(name, kind);
    if (problem === undefined) this.owners.set(name, kind);
    return problem;
  }

  /** What would be wrong with a name. */
  nameProblem(name: string, kind: string): string | undefined {
    if (!IDENTIFIER.test(name)) return `binding names must be JavaScript identifiers, got '${name}' (${kind})`;
    const owner = this.owners.get(name);
    return owner === undefined ? undefined : `binding '${name}' is given twice: by ${owner} and by ${kind}`;
  }

  /** The namespaces by binding, as a copy in the order of the names. */
  get kv(): Readonly<Record<string, IKvNamespace>> {
    const sorted = [...this.namespaces].sort(([a], [b]) => byText(a, b));
    return Object.fromEntries(sorted.map(([name, { namespace }]) => [name, namespace]));
  }

  /** Whether anything but KV is bound. */
  get isMixed(): boolean {
    return this.others.length > 0;
  }

  addKv(name: string, namespace: IKvNamespace): void {
    bound.add(namespace);
    // Read once: cdktf follows a reference from stack to stack by its identity, and a getter may make a new one.
    this.namespaces.set(name, { namespace, namespaceId: namespace.namespaceId });
  }

  add(render: () => Rendered): void {
    this.others.push(render);
  }

  /** TTL and description of each namespace as one JSON text; undefined when there is nothing to say. */
  kvDefaults(): string | undefined {
    const said = Object.entries(this.kv)
      .map(
        ([name, { ttlSeconds, description }]) =>
          [name, { ...(ttlSeconds > 0 && { ttlSeconds }), ...(description !== undefined && { description }) }] as const,
      )
      .filter(([, defaults]) => Object.keys(defaults).length > 0);
    return said.length === 0 ? undefined : JSON.stringify(Object.fromEntries(said));
  }

  /** As Terraform takes them, sorted by name; undefined, never an empty list, when there are none. */
  render(withDefaults: boolean): readonly Rendered[] | undefined {
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

/** Claims every name and tells what is wrong; defines nothing yet. */
export function claimBindings(table: BindingTable, other: OtherBindings): (string | undefined)[] {
  return [
    ...Object.keys(other.vars).map((name) => table.claim(name, "vars")),
    ...other.secrets.map((name) => table.claim(name, "secrets")),
    ...Object.entries(other.d1).flatMap(([name, props]) => [table.claim(name, "d1"), ...d1Problems(name, props)]),
    ...Object.keys(other.services).map((name) => table.claim(name, "services")),
    ...Object.entries(other.rateLimits).flatMap(([name, props]) => [
      table.claim(name, "rateLimits"),
      ...rateLimitProblems(name, props),
    ]),
    other.assets === undefined ? undefined : table.claim(other.assets, "assets"),
    ...other.bindings.flatMap((binding) => [table.claim(binding.name, "bindings"), secretProblem(binding)]),
  ];
}

/** Defines what the bindings need in the stack, and enters them into the table. */
export function defineBindings(
  scope: Construct,
  table: BindingTable,
  other: OtherBindings,
  accountId: string,
  record: StackRecord,
): void {
  for (const [name, value] of Object.entries(other.vars)) {
    table.add(() => renderVar(name, value));
  }
  for (const name of other.secrets) {
    const variable = secretVariable(scope, name, record);
    table.secretVariables.set(name, variable.friendlyUniqueId);
    table.add(() => ({ name, type: "secret_text", text: variable.stringValue }));
  }
  for (const [name, props] of Object.entries(other.d1)) {
    const id = props.databaseId ?? database(scope, name, props, accountId).id;
    table.add(() => ({ name, type: "d1", id }));
  }
  for (const [name, service] of Object.entries(other.services)) {
    table.add(() => ({ name, type: "service", service: literal(service) }));
  }
  for (const [name, { limit, period, namespaceId = "1" }] of Object.entries(other.rateLimits)) {
    table.add(() => ({ name, type: "ratelimit", namespace_id: namespaceId, simple: { limit, period } }));
  }
  const { assets } = other;
  if (assets !== undefined) table.add(() => ({ name: assets, type: "assets" }));
  for (const binding of other.bindings) {
    table.add(() => workersScriptBindingsToTerraform(binding) as Rendered);
  }
}

/** The hatch must not become the way for a secret's value into the assembly. Cloudflare reads types in any case. */
function secretProblem({ name, type, text, keyBase64, keyJwk }: WorkersScriptBindings): string | undefined {
  const kind = type.toLowerCase();
  const values = kind === "secret_text" ? [text] : kind === "secret_key" ? [keyBase64, keyJwk] : [];
  if (values.every((value) => value === undefined || Token.isUnresolved(value))) return undefined;
  const instead = kind === "secret_text" ? `use secrets: ["${name}"]` : "use a sensitive TerraformVariable";
  return `binding '${name}' holds a secret's value, which would end up in cdktf.out: ${instead}`;
}

function renderVar(name: string, value: JsonValue): Rendered {
  if (typeof value === "string") return { name, type: "plain_text", text: literal(value) };
  const json = Token.isUnresolved(value) ? Fn.jsonencode(value) : literal(JSON.stringify(value));
  return { name, type: "json", json };
}

/** Named after the Worker and the secret, so that `TF_VAR_api_stripe_key` can be typed. */
function secretVariable(scope: Construct, secret: string, record: StackRecord): TerraformVariable {
  const path = scope.node.scopes.slice(record.node.scopes.length - 1).map(({ node }) => node.id);
  const name = [...path, secret].join("_").replace(/\W/g, "_").replace(/^\d/, "_$&").toLowerCase();
  const variable = new TerraformVariable(scope, `Secret-${secret}`, {
    type: "string",
    sensitive: true,
    description: literal(`secret ${secret} of the Worker '${scope.node.path}'`),
  });
  variable.overrideLogicalId(
    record.claimVariable(name, scope.node.path) === undefined ? name : variable.friendlyUniqueId,
  );
  return variable;
}

function database(scope: Construct, name: string, props: D1Props, accountId: string): D1Database {
  return new D1Database(scope, `D1-${name}`, {
    accountId,
    name: literal(props.databaseName ?? ""),
    // Unset, the provider asks to remove what the API returns, and the API refuses: issue 6309.
    readReplication: { mode: props.readReplication ?? "disabled" },
    lifecycle: { preventDestroy: props.preventDestroy ?? true },
  });
}

function d1Problems(name: string, props: D1Props): string[] {
  const { databaseName, databaseId, readReplication, preventDestroy } = props;
  const where = `d1 '${name}'`;
  const problems: string[] = [];
  if ((databaseName === undefined) === (databaseId === undefined)) {
    problems.push(`${where} must have either a databaseName to create or a databaseId to bind`);
  }
  if (databaseName?.trim() === "") problems.push(`${where}: databaseName must not be empty`);
  if (databaseId !== undefined && !Token.isUnresolved(databaseId) && !isUuid(databaseId)) {
    problems.push(`${where}: databaseId must be a UUID, got '${databaseId}'`);
  }
  if (databaseId !== undefined && (readReplication !== undefined || preventDestroy !== undefined)) {
    problems.push(`${where}: readReplication and preventDestroy are for databases that are created here`);
  }
  return problems;
}

function rateLimitProblems(name: string, { limit, period, namespaceId = "1" }: RateLimitProps): string[] {
  const problems: string[] = [];
  const where = `rateLimits '${name}'`;
  if (!Token.isUnresolved(limit) && !(Number.isInteger(limit) && limit > 0)) {
    problems.push(`${where}: limit must be a positive whole number, got ${limit}`);
  }
  if (![10, 60].includes(period)) problems.push(`${where}: period must be 10 or 60 seconds, got ${period}`);
  if (!Token.isUnresolved(namespaceId) && !/^[1-9]\d*$/.test(namespaceId)) {
    problems.push(`${where}: namespaceId must be a positive whole number as text, got '${namespaceId}'`);
  }
  return problems;
}
