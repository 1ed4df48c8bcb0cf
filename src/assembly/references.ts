/** A piece of a Terraform template: literal text, or an expression without its braces. */
export type TemplatePart =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "expression"; readonly expression: string };

/** What an expression refers to, as in `cloudflare_workers_kv_namespace.Cache.id`. */
export interface Reference {
  readonly root: "resource" | "data" | "var" | "local";
  /** The resource's or data source's type; empty for variables and locals. */
  readonly type: string;
  readonly id: string;
  /** What follows: attribute names and list positions, as in `["result", "0", "id"]`. */
  readonly path: readonly string[];
}

/**
 * Splits a string of a Terraform JSON file. `$${` and `%%{` are the escapes of a literal `${` and `%{`.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export function parseTemplate(source: string): TemplatePart[] {
  if (!source.includes("{")) return source === "" ? [] : [{ kind: "text", text: source }];
  const parts: TemplatePart[] = [];
  let text = "";
  let at = 0;
  while (at < source.length) {
    const escape = source.startsWith("$${", at) || source.startsWith("%%{", at);
    if (escape) {
      text += source.slice(at + 1, at + 3);
      at += 3;
    } else if (source.startsWith("${", at) || source.startsWith("%{", at)) {
      if (text !== "") parts.push({ kind: "text", text });
      text = "";
      const end = closingBrace(source, at + 2);
      parts.push({ kind: "expression", expression: source.slice(at + 2, end).trim() });
      at = end + 1;
    } else {
      text += source.charAt(at);
      at++;
    }
  }
  if (text !== "") parts.push({ kind: "text", text });
  return parts;
}

/** The reference that is the whole string, if it is one. */
export function soleReference(source: string): Reference | undefined {
  const [part, ...more] = parseTemplate(source);
  return part?.kind === "expression" && more.length === 0 ? parseReference(part.expression) : undefined;
}

/** An expression that is nothing but a reference. Undefined for anything with an operator or a call. */
export function parseReference(expression: string): Reference | undefined {
  const [reference] = findReferences(expression);
  return reference !== undefined && TRAVERSAL.exec(expression)?.[0] === expression ? reference : undefined;
}

/** Every reference inside a larger expression. */
export function findReferences(expression: string): Reference[] {
  return [...expression.matchAll(new RegExp(TRAVERSAL, "g"))].flatMap(([found]) => toReference(found) ?? []);
}

const NAME = String.raw`[A-Za-z_][\w-]*`;
const STEP = String.raw`(?:\.(?:${NAME}|\d+)|\[(?:\d+|"[^"\\]*")\])`;
const TRAVERSAL = new RegExp(String.raw`(?<![\w.-])${NAME}${STEP}+`);

function toReference(traversal: string): Reference | undefined {
  const [first = "", ...steps] = [...traversal.matchAll(/[\w-]+|"[^"]*"/g)].map(([step]) => step.replaceAll('"', ""));
  if (first === "var" || first === "local") {
    const [id, ...path] = steps;
    return id === undefined ? undefined : { root: first, type: "", id, path };
  }
  const [type, id, ...path] = first === "data" ? steps : [first, ...steps];
  if (type === undefined || id === undefined) return undefined;
  return { root: first === "data" ? "data" : "resource", type, id, path };
}

/** Index of the brace that closes an expression, past nested braces, quoted strings and the templates inside them. */
function closingBrace(source: string, from: number): number {
  let depth = 1;
  let quoted = false;
  for (let at = from; at < source.length; at++) {
    const character = source[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (source.startsWith("$${", at) || source.startsWith("%%{", at)) at += 2;
      else if (source.startsWith("${", at) || source.startsWith("%{", at)) at = closingBrace(source, at + 2);
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at;
  }
  return source.length;
}
