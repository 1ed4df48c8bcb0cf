import { workersScriptBindingsToTerraform } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { TerraformVariable, Token } from "cdktf";
import type { Construct } from "constructs";
import type { JsonValue } from "../values/json.js";
import {
  type D1Props,
  type DurableObjectProps,
  NEWER_ATTRIBUTES,
  type OtherBinding,
  type RateLimitProps,
  type ServiceProps,
} from "./binding-props.js";
import type { BindingTable, RenderedBinding } from "./binding-table.js";
import { d1Problems, databaseId } from "./d1.js";
import { literal } from "./literal.js";
import { MigrationFolder } from "./migration-folder.js";
import type { StackRecord } from "./stack-record.js";
import { changedJson, jsonText } from "./terraform-text.js";

/** The bindings of a Worker other than its KV namespaces. */
export interface OtherBindings {
  readonly vars: Readonly<Record<string, JsonValue>>;
  readonly secrets: readonly string[];
  readonly d1: Readonly<Record<string, D1Props>>;
  readonly services: Readonly<Record<string, ServiceProps>>;
  readonly durableObjects: Readonly<Record<string, DurableObjectProps>>;
  readonly queues: Readonly<Record<string, string>>;
  readonly rateLimits: Readonly<Record<string, RateLimitProps>>;
  readonly assets: string | undefined;
  readonly bindings: readonly OtherBinding[];
}

/** Claims every name and returns what is wrong; defines nothing yet. */
export function claimBindings(
  scope: Construct,
  table: BindingTable,
  other: OtherBindings,
  accountId: string,
): (string | undefined)[] {
  return [
    ...Object.entries(other.vars).flatMap(([name, value]) => [table.claim(name, "vars"), varProblem(name, value)]),
    ...other.secrets.map((name) => table.claim(name, "secrets")),
    ...Object.entries(other.d1).flatMap(([name, props]) => [
      table.claim(name, "d1"),
      ...d1Problems(scope, name, props, accountId),
    ]),
    ...Object.keys(other.services).map((name) => table.claim(name, "services")),
    ...Object.keys(other.durableObjects).map((name) => table.claim(name, "durableObjects")),
    ...Object.keys(other.queues).map((name) => table.claim(name, "queues")),
    ...Object.entries(other.rateLimits).flatMap(([name, props]) => [
      table.claim(name, "rateLimits"),
      ...rateLimitProblems(name, props),
    ]),
    other.assets === undefined ? undefined : table.claim(other.assets, "assets"),
    ...other.bindings.flatMap((binding) => [table.claim(binding.name, "bindings"), secretProblem(binding)]),
  ];
}

/** Defines what the bindings need in the stack, and adds them to the table. */
export function defineBindings(
  scope: Construct,
  table: BindingTable,
  other: OtherBindings,
  accountId: string,
  record: StackRecord,
  hasSecretsElsewhere: boolean,
): void {
  for (const [name, value] of Object.entries(other.vars)) {
    const rendered = renderVar(scope, name, value);
    table.add(() => rendered);
  }
  for (const name of other.secrets) {
    if (hasSecretsElsewhere) {
      table.add(() => ({ name, type: "secret_text" }));
      continue;
    }
    const variable = secretVariable(scope, name, record);
    table.secretVariables.set(name, variable.friendlyUniqueId);
    table.add(() => ({ name, type: "secret_text", text: variable.stringValue }));
  }
  for (const [name, props] of Object.entries(other.d1)) {
    const id = databaseId(scope, name, props, accountId, record);
    table.databases.set(name, id);
    table.add(() => ({ name, type: "d1", id }));
    if (props.migrations !== undefined) {
      table.migrations.set(name, new MigrationFolder(scope, name, props.migrations));
    }
  }
  for (const [name, { service, entrypoint }] of Object.entries(other.services)) {
    table.add(() => ({
      name,
      type: "service",
      service: literal(service),
      ...(entrypoint !== undefined && { entrypoint }),
    }));
  }
  for (const [name, { className, scriptName }] of Object.entries(other.durableObjects)) {
    const elsewhere = scriptName === undefined ? {} : { script_name: literal(scriptName) };
    table.add(() => ({ name, type: "durable_object_namespace", class_name: className, ...elsewhere }));
  }
  for (const [name, queue] of Object.entries(other.queues)) {
    table.add(() => ({ name, type: "queue", queue_name: literal(queue) }));
  }
  for (const [name, { limit, period, namespaceId = "1" }] of Object.entries(other.rateLimits)) {
    table.add(() => ({ name, type: "ratelimit", namespace_id: namespaceId, simple: { limit, period } }));
  }
  const { assets } = other;
  if (assets !== undefined) table.add(() => ({ name: assets, type: "assets" }));
  for (const binding of other.bindings) table.add(() => renderOther(binding));
}

/** A secret's value must not reach the assembly through `bindings`. Cloudflare ignores the case of types. */
function secretProblem({ name, type, text, keyBase64, keyJwk }: OtherBinding): string | undefined {
  const kind = type.toLowerCase();
  const values = kind === "secret_text" ? [text] : kind === "secret_key" ? [keyBase64, keyJwk] : [];
  if (values.every((value) => value === undefined || Token.isUnresolved(value))) return undefined;
  const instead = kind === "secret_text" ? `use secrets: ["${name}"]` : "use a sensitive TerraformVariable";
  return `binding '${name}' holds a secret's value, which would end up in cdktf.out: ${instead}`;
}

function varProblem(name: string, value: JsonValue): string | undefined {
  const changed = changedJson(value);
  return changed === undefined ? undefined : `vars '${name}' ${changed}: write it in that form, or store it in KV`;
}

function renderVar(scope: Construct, name: string, value: JsonValue): RenderedBinding {
  if (typeof value === "string") return { name, type: "plain_text", text: literal(value) };
  return { name, type: "json", json: jsonText(scope, `Var-${name}`, value) };
}

type NewerValue = NonNullable<OtherBinding[keyof typeof NEWER_ATTRIBUTES]>;

/** With the attributes that the bindings package would drop. */
function renderOther(binding: OtherBinding): RenderedBinding {
  const newer = Object.entries(NEWER_ATTRIBUTES).flatMap(([name, attribute]) => {
    // JavaScript and overrides may hand on null, which Terraform takes for "not set".
    const value = binding[name as keyof typeof NEWER_ATTRIBUTES] as NewerValue | null | undefined;
    if (value === undefined || value === null) return [];
    return [[attribute, typeof value === "object" ? renderSimple(value) : value] as const];
  });
  return { ...(workersScriptBindingsToTerraform(binding) as RenderedBinding), ...Object.fromEntries(newer) };
}

function renderSimple({ limit, period, mitigationTimeout }: NonNullable<OtherBinding["simple"]>) {
  return { limit, period, ...(mitigationTimeout !== undefined && { mitigation_timeout: mitigationTimeout }) };
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

function rateLimitProblems(name: string, { limit, period, namespaceId = "1" }: RateLimitProps): string[] {
  const problems: string[] = [];
  const where = `rateLimits '${name}'`;
  if (!Token.isUnresolved(limit) && !(Number.isInteger(limit) && limit > 0)) {
    problems.push(`${where}: limit must be a positive whole number, got ${limit}`);
  }
  if (![10, 60].includes(period)) problems.push(`${where}: period must be 10 or 60 seconds, got ${period}`);
  if (!Token.isUnresolved(namespaceId) && !/^[1-9]\d*$/.test(namespaceId)) {
    problems.push(`${where}: namespaceId must be a positive whole number as a string, got '${namespaceId}'`);
  }
  return problems;
}
