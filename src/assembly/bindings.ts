import { join } from "node:path";
import type { JsonObject } from "../values/json.js";
import { asObject, asText, optional } from "./json.js";
import type { Binding, Database, MigrationFolder, SecretBinding } from "./model.js";
import type { NamespaceBook } from "./namespaces.js";
import { soleReference } from "./references.js";
import type { Resolver } from "./resolver.js";
import type { StackFile } from "./stack-file.js";

const DATABASE = "cloudflare_d1_database";

/** Reads the `bindings` of Workers. */
export class BindingReader {
  private readonly databases = new Map<string, Database>();

  constructor(
    stacks: readonly StackFile[],
    private readonly resolver: Resolver,
    private readonly namespaces: NamespaceBook,
  ) {
    for (const stack of stacks) {
      for (const [id, attributes] of stack.resources.get(DATABASE) ?? []) {
        const name = this.resolver.text(stack, asText(attributes["name"]) ?? id, `${DATABASE}.${id}.name`);
        this.databases.set(`${stack.name}/${id}`, { stack: stack.name, logicalId: id, managed: true, name });
      }
    }
  }

  /** The databases that a stack creates, and those that its Workers bind by id. */
  databasesOf(stack: string): Database[] {
    return [...this.databases.values()].filter((database) => database.stack === stack);
  }

  /**
   * One binding.
   *
   * @param path - where it stands, for what cannot be resolved
   * @param worker - the logical id of the Worker that has it
   */
  read(stack: StackFile, source: unknown, path: string, worker: string): Binding {
    const attributes = asObject(source);
    const name = asText(attributes["name"]) ?? "";
    const type = (asText(attributes["type"]) ?? "").toLowerCase();
    const text = (attribute: string): string =>
      this.resolver.text(stack, asText(attributes[attribute]) ?? "", `${path}.${attribute}`);
    switch (type) {
      case "kv_namespace":
        return { kind: type, name, namespace: this.namespaces.bind(stack, attributes["namespace_id"], name) };
      case "plain_text":
        return { kind: type, name, text: text("text") };
      case "json":
        return { kind: type, name, json: parseJson(text("json")) };
      case "secret_text":
        return this.secret(stack, name, attributes);
      case "d1":
        return {
          kind: type,
          name,
          database: this.database(stack, attributes["database_id"] ?? attributes["id"]),
          ...optional("migrations", migrationsOf(stack, worker, name)),
        };
      case "service":
        return {
          kind: type,
          name,
          worker: text("service"),
          ...optional("entrypoint", asText(attributes["entrypoint"])),
        };
      default:
        return { kind: "other", name, type, attributes: this.resolved(stack, attributes, path) };
    }
  }

  private resolved(stack: StackFile, attributes: JsonObject, path: string): JsonObject {
    const entries = Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === "string" ? this.resolver.text(stack, value, `${path}.${name}`) : value,
    ]);
    return Object.fromEntries(entries) as JsonObject;
  }

  private secret(stack: StackFile, name: string, { text }: JsonObject): SecretBinding {
    const reference = typeof text === "string" ? soleReference(text) : undefined;
    const known = asText(this.resolver.known(stack, text));
    return {
      kind: "secret_text",
      name,
      ...optional("variable", reference?.root === "var" ? reference.id : undefined),
      ...optional("text", known),
    };
  }

  private database(stack: StackFile, id: unknown): Database {
    const target = this.resolver.target(stack, id);
    const managed = target && this.databases.get(`${target.stack.name}/${target.reference.id}`);
    if (managed !== undefined) return managed;
    const literal = asText(this.resolver.known(stack, id));
    const logicalId = literal ?? asText(id) ?? "";
    const key = `${stack.name}/${logicalId}`;
    const database = this.databases.get(key) ?? {
      stack: stack.name,
      logicalId,
      managed: false,
      ...optional("databaseId", literal),
    };
    this.databases.set(key, database);
    return database;
  }
}

function migrationsOf({ cfkv, directory }: StackFile, worker: string, binding: string): MigrationFolder | undefined {
  const record = cfkv.migrations.get(worker)?.get(binding);
  return record && { directory: join(directory, record.directory), source: record.folder };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It contains a reference that only Terraform resolves; the stack's `unresolved` lists it.
    return text;
  }
}
