import type { Json, ProviderSchema, StackJson } from "./provider-schema.js";

/** `${…}` or `%{…}` that Terraform evaluates; `$${` and `%%{` are its escapes. */
const TEMPLATE = /(\$+|%+)\{/g;

/** Whether a value is wholly one expression, `${…}`: it fits an attribute of any type. */
export function isExpression(value: unknown): boolean {
  if (typeof value !== "string" || !value.startsWith("${")) return false;
  return closingBrace(value, 2) === value.length - 1;
}

/** References that lead nowhere, and text that Terraform would take for a template by mistake. */
export function referenceProblems(stack: StackJson, schema: ProviderSchema): string[] {
  const { "//": _notes, ...evaluated } = stack;
  const inStrings = stringsIn(evaluated).flatMap(({ path, text }) => {
    const { expressions, problems } = templatesIn(text);
    return [
      ...problems.map((problem) => `${path}: ${problem}`),
      ...expressions.flatMap((expression) => danglingIn(expression, stack, schema)).map((lost) => `${path}: ${lost}`),
    ];
  });
  return [...inStrings, ...addressProblems(stack)];
}

/** Plain addresses outside of templates: `depends_on` and `import.to`. */
function addressProblems(stack: StackJson): string[] {
  const dependencies = [stack.resource, stack.data].flatMap((blocks) =>
    Object.entries(blocks ?? {}).flatMap(([type, byId]) =>
      Object.entries(byId).flatMap(([id, body]) =>
        ((body.depends_on as string[] | undefined) ?? []).map((to) => ({ path: `${type}.${id}.depends_on`, to })),
      ),
    ),
  );
  const imports = (stack.import ?? []).map(({ to }) => ({ path: "import.to", to: to as string }));
  return [...dependencies, ...imports]
    .filter(({ to }) => !isDeclared(to, stack))
    .map(({ path, to }) => `${path}: nothing is declared as ${to}`);
}

function isDeclared(address: string, stack: StackJson): boolean {
  const parts = address.split(".");
  const blocks = parts[0] === "data" ? stack.data : stack.resource;
  const [type = "", id = ""] = parts[0] === "data" ? parts.slice(1) : parts;
  return blocks?.[type]?.[id] !== undefined;
}

function danglingIn(expression: string, stack: StackJson, schema: ProviderSchema): string[] {
  // A quoted part of an expression is text (or a template of its own, which Terraform would look into).
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const problems: string[] = [];
  for (const [, data, type = "", id = "", attribute] of bare.matchAll(
    /(?<![\w.-])(data\.)?(cloudflare_\w+)\.([\w-]+)(?:\[[^\]]*\])?(?:\.(\w+))?/g,
  )) {
    const address = `${data ?? ""}${type}.${id}`;
    const known = data === undefined ? schema.resources[type] : schema.data_sources[type];
    if (!isDeclared(address, stack)) problems.push(`nothing is declared as ${address}`);
    else if (attribute !== undefined && known !== undefined && !Object.hasOwn(known.block.attributes, attribute)) {
      problems.push(`${address} has no attribute '${attribute}'`);
    }
  }
  for (const [, name = ""] of bare.matchAll(/(?<![\w.-])var\.([\w-]+)/g)) {
    if (stack.variable?.[name] === undefined) problems.push(`no variable '${name}' is declared`);
  }
  return problems;
}

function templatesIn(text: string): { expressions: string[]; problems: string[] } {
  const expressions: string[] = [];
  const problems: string[] = [];
  TEMPLATE.lastIndex = 0;
  for (let match = TEMPLATE.exec(text); match !== null; match = TEMPLATE.exec(text)) {
    const [opening, marks = ""] = match;
    if (marks.length > 1) continue;
    if (marks === "%") {
      problems.push(`'%{' is not escaped in ${JSON.stringify(text)}`);
      continue;
    }
    const start = match.index + opening.length;
    const end = closingBrace(text, start);
    if (end === -1) problems.push(`'\${' is not closed in ${JSON.stringify(text)}`);
    else {
      expressions.push(text.slice(start, end));
      TEMPLATE.lastIndex = end + 1;
    }
  }
  return { expressions, problems };
}

/** Where the brace opened before `from` is closed, outside of quotes; -1 when it is not. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === "{") depth++;
    else if (!quoted && character === "}" && --depth === 0) return at;
  }
  return -1;
}

function stringsIn(value: unknown, path = ""): { path: string; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value as Json)
    .filter(([name]) => name !== "//")
    .flatMap(([name, member]) => stringsIn(member, path === "" ? name : `${path}.${name}`));
}
