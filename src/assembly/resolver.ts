import { isObject, type JsonObject } from "../values/json.js";
import type { Unresolved } from "./model.js";
import { parseReference, parseTemplate, soleReference, type Reference } from "./references.js";
import type { StackFile } from "./stack-file.js";

/** A resource or data source that a reference leads to, and its stack. */
export interface Target {
  readonly stack: StackFile;
  readonly reference: Reference;
  /** Its attributes as written. */
  readonly attributes: JsonObject;
}

/** cdktf's own name for another stack's state. */
const REMOTE_STATE = "terraform_remote_state";
const CROSS_STACK_INPUT = "cross-stack-reference-input-";

/** The depth of references to references beyond which there must be a cycle. */
const MAX_DEPTH = 20;

/** Follows Terraform references as far as the files allow: through variables, locals and other stacks' outputs. */
export class Resolver {
  private readonly found = new Map<StackFile, Unresolved[]>();

  constructor(private readonly stacks: readonly StackFile[]) {}

  /** What is still unknown in a stack, of all that was read so far. */
  unresolvedOf(stack: StackFile): Unresolved[] {
    return this.found.get(stack) ?? [];
  }

  /** Records something that the files do not contain. */
  note(stack: StackFile, path: string, expression: string): void {
    const found = this.found.get(stack);
    if (found === undefined) this.found.set(stack, [{ path, expression }]);
    else found.push({ path, expression });
  }

  /** Follows a string that is one variable, local value or other stack's output to its value. */
  follow(stack: StackFile, source: unknown, depth = 0): Indirection {
    const reference = typeof source === "string" && depth < MAX_DEPTH ? soleReference(source) : undefined;
    const next = reference && this.indirection(stack, reference);
    return next?.value === undefined ? { stack, value: source } : this.follow(next.stack, next.value, depth + 1);
  }

  /** The resource or data source of a string that is one reference, if it is in these files. */
  target(from: StackFile, source: unknown): Target | undefined {
    const { stack, value } = this.follow(from, source);
    const reference = typeof value === "string" ? soleReference(value) : undefined;
    const attributes = reference && attributesOf(stack, reference);
    return attributes && { stack, reference, attributes };
  }

  /**
   * A string with its references replaced and its escapes undone. Unknown references keep their `${…}` and are recorded
   * under `path`.
   */
  text(stack: StackFile, source: string, path: string): string {
    const { value, unknown } = this.evaluateText(stack, source, 0);
    for (const expression of unknown) this.note(stack, path, expression);
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  /** The value of a string, list or object; undefined when any part of it is known only after apply. */
  known(stack: StackFile, source: unknown): unknown {
    const { value, unknown } = this.evaluate(stack, source, 0);
    return unknown.length === 0 ? value : undefined;
  }

  private evaluate(stack: StackFile, source: unknown, depth: number): Evaluated {
    if (typeof source === "string") return this.evaluateText(stack, source, depth);
    if (Array.isArray(source)) {
      const items = source.map((item) => this.evaluate(stack, item, depth));
      return { value: items.map((item) => item.value), unknown: items.flatMap((item) => item.unknown) };
    }
    if (!isObject(source)) return { value: source, unknown: [] };
    const fields = Object.entries(source).map(([name, field]) => [name, this.evaluate(stack, field, depth)] as const);
    return {
      value: Object.fromEntries(fields.map(([name, field]) => [name, field.value])),
      unknown: fields.flatMap(([, field]) => field.unknown),
    };
  }

  private evaluateText(stack: StackFile, source: string, depth: number): Evaluated {
    const parts = parseTemplate(source).map((part) =>
      part.kind === "text"
        ? { value: part.text, unknown: [] }
        : (this.evaluateExpression(stack, part.expression, depth) ?? unknownPart(part.expression)),
    );
    const [only, ...more] = parts;
    if (only !== undefined && more.length === 0) return only;
    return {
      value: parts.map(({ value }) => (typeof value === "string" ? value : JSON.stringify(value))).join(""),
      unknown: parts.flatMap(({ unknown }) => unknown),
    };
  }

  private evaluateExpression(stack: StackFile, expression: string, depth: number): Evaluated | undefined {
    // A quoted string without an expression: constructs write a '$' before a reference this way.
    const quoted = /^"([^"\\{]*)"$/.exec(expression)?.[1];
    if (quoted !== undefined) return { value: quoted, unknown: [] };
    const encoded = /^jsonencode\((.+)\)$/s.exec(expression)?.[1];
    if (encoded !== undefined) return this.evaluateJson(stack, encoded, depth);
    const reference = parseReference(expression);
    if (reference === undefined || depth > MAX_DEPTH) return undefined;
    const indirect = this.indirection(stack, reference);
    const found = indirect ?? { stack, value: attributeAt(attributesOf(stack, reference), reference) };
    if (found.value === undefined) return undefined;
    const evaluated = this.evaluate(found.stack, found.value, depth + 1);
    // The outer expression is the one that the reader of the file can find.
    return evaluated.unknown.length === 0 ? evaluated : undefined;
  }

  /**
   * `jsonencode(local.…)`, with which constructs write JSON that contains a reference; unknown references stay in it.
   */
  private evaluateJson(stack: StackFile, argument: string, depth: number): Evaluated | undefined {
    const reference = parseReference(argument);
    const found = reference && depth <= MAX_DEPTH ? this.indirection(stack, reference) : undefined;
    if (found?.value === undefined) return undefined;
    const { value, unknown } = this.evaluate(found.stack, found.value, depth + 1);
    return { value: JSON.stringify(value), unknown };
  }

  /** The value of a variable, a local value or another stack's output. */
  private indirection(stack: StackFile, { root, type, id, path }: Reference): Indirection | undefined {
    if (root === "var") return { stack, value: at(stack.variables.get(id)?.["default"], path) };
    if (root === "local") return { stack, value: at(stack.locals[id], path) };
    if (root !== "data" || type !== REMOTE_STATE || path[0] !== "outputs") return undefined;
    const other = this.stackOfState(stack, id);
    const [, output = "", ...rest] = path;
    return { stack: other ?? stack, value: at(other?.outputs.get(output)?.["value"], rest) };
  }

  private stackOfState(stack: StackFile, id: string): StackFile | undefined {
    const byName = this.stacks.find(({ name }) => CROSS_STACK_INPUT + name.replace(/[^\w-]/g, "") === id);
    if (byName !== undefined) return byName;
    const { backend, config } = stack.data.get(REMOTE_STATE)?.get(id) ?? {};
    const wanted = typeof backend === "string" ? JSON.stringify({ [backend]: config }) : undefined;
    return this.stacks.find((other) => JSON.stringify(other.backend) === wanted);
  }
}

interface Evaluated {
  readonly value: unknown;
  readonly unknown: readonly string[];
}

/** A value and the stack of the references in it. */
export interface Indirection {
  readonly stack: StackFile;
  readonly value: unknown;
}

function unknownPart(expression: string): Evaluated {
  return { value: `\${${expression}}`, unknown: [expression] };
}

function attributesOf(stack: StackFile, { root, type, id }: Reference): JsonObject | undefined {
  return (root === "data" ? stack.data : stack.resources).get(type)?.get(id);
}

function attributeAt(attributes: JsonObject | undefined, { root, type, path }: Reference): unknown {
  // Cloudflare's id of a script is its name.
  const isScriptId = root === "resource" && type === "cloudflare_workers_script" && path.join() === "id";
  return isScriptId ? attributes?.["script_name"] : at(attributes, path);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, step) => {
    if (Array.isArray(found)) return (found as unknown[])[Number(step)];
    return isObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }, value);
}
