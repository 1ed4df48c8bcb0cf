import type { PlannedSet } from "./plan-set.js";
import { commentLines, quotedText, WIDTH } from "./print-text.js";
import type { Written, WrittenField, WrittenObject, WrittenScalar } from "./written.js";

/** How a set becomes a TypeScript module. */
export interface ModuleForm {
  /** Comments at the top of the file. */
  readonly heading: readonly string[];
  /** The function to export that defines the set in an app; without it the module is the app. */
  readonly functionName?: string;
}

/** A module that defines sets, in the form that prettier gives it. A function returns the only set it defines. */
export function printTypeScript(sets: readonly PlannedSet[], { heading, functionName }: ModuleForm): string {
  const isCode = sets.some(({ props }) => usesCode(props));
  const library = ["EnvironmentSet", ...(isCode ? ["WorkerCode"] : [])].join(", ");
  const indent = functionName === undefined ? "" : "  ";
  const statements = sets.map(({ app, props }) => `new EnvironmentSet(app, ${string(app)}, ${broken(props, indent)});`);
  const body =
    functionName === undefined
      ? ["const app = new App();", ...statements, "app.synth();"]
      : functionOf(functionName, statements);
  return [
    ...heading.flatMap((text) => commentLines(text, "", "//")),
    `import ${functionName === undefined ? "" : "type "}{ App } from "cdktf";`,
    `import { ${library} } from "cdktf-cloudflare-kv";`,
    "",
    ...body,
    "",
  ].join("\n");
}

function functionOf(name: string, statements: readonly string[]): string[] {
  const isOne = statements.length === 1;
  return [
    `export function ${name}(app: App): ${isOne ? "EnvironmentSet" : "void"} {`,
    ...statements.map((statement) => `  ${isOne ? "return " : ""}${statement}`),
    "}",
  ];
}

function usesCode(value: Written): boolean {
  if (value.type === "list") return value.items.some(usesCode);
  if (value.type === "object") return value.fields.some(({ value: inner }) => usesCode(inner));
  return value.type === "call";
}

/** A value on one line if it fits behind what stands before it, or on several. */
function print(value: Written, indent: string, before: number): string {
  const oneLine = flat(value);
  // One character is for the comma after it.
  if (oneLine !== undefined && indent.length + before + oneLine.length < WIDTH) return oneLine;
  switch (value.type) {
    case "scalar":
      return scalar(value);
    case "object":
      return broken(value, indent);
    case "list": {
      const inner = `${indent}  `;
      const isNumbers = value.items.every((item) => item.type === "scalar" && typeof item.value === "number");
      const items = value.items.map((item) => print(item, inner, 0));
      const lines = isNumbers ? filled(items, inner) : items.map((item) => `${inner}${item},`);
      return ["[", ...lines, `${indent}]`].join("\n");
    }
    case "call": {
      const last = value.arguments.at(-1);
      const others = value.arguments.slice(0, -1).map((one) => flat(one) ?? "");
      if (last?.type === "object" && last.fields.length > 0) {
        return `${value.callee}(${[...others, broken(last, indent)].join(", ")})`;
      }
      const inner = `${indent}  `;
      const lines = value.arguments.map((one) => `${inner}${print(one, inner, 0)},`);
      return [`${value.callee}(`, ...lines, `${indent})`].join("\n");
    }
  }
}

/** An object on several lines. */
function broken({ fields, comments }: WrittenObject, indent: string): string {
  const inner = `${indent}  `;
  return ["{", ...fields.flatMap((one) => printField(one, inner)), ...commented(comments, inner), `${indent}}`].join(
    "\n",
  );
}

function printField({ name, value, comments }: WrittenField, indent: string): string[] {
  const start = `${key(name)}: `;
  return [...commented(comments, indent), `${indent}${start}${print(value, indent, start.length)},`];
}

function commented(comments: readonly string[], indent: string): string[] {
  return comments.flatMap((text) => commentLines(text, indent, "//"));
}

/** A value on one line; nothing when it has comments, or is of the kind that is always on several. */
function flat(value: Written): string | undefined {
  switch (value.type) {
    case "scalar":
      return scalar(value);
    case "list": {
      const items = value.items.map(flat);
      if (items.includes(undefined) || isMatrix(value.items)) return undefined;
      return `[${items.join(", ")}]`;
    }
    case "object": {
      if (value.comments.length > 0 || depthOf(value) > MAX_DEPTH_OF_LINE) return undefined;
      if (value.fields.length === 0) return "{}";
      const fields = value.fields.map(({ name, value: inner, comments }) => {
        const text = comments.length > 0 ? undefined : flat(inner);
        return text === undefined ? undefined : `${key(name)}: ${text}`;
      });
      return fields.includes(undefined) ? undefined : `{ ${fields.join(", ")} }`;
    }
    case "call": {
      const given = value.arguments.map(flat);
      return given.includes(undefined) ? undefined : `${value.callee}(${given.join(", ")})`;
    }
  }
}

/** Objects inside objects that may stand on one line. */
const MAX_DEPTH_OF_LINE = 2;

function depthOf(value: Written): number {
  if (value.type === "list") return Math.max(0, ...value.items.map(depthOf));
  if (value.type === "call") return Math.max(0, ...value.arguments.map(depthOf));
  if (value.type !== "object" || value.fields.length === 0) return 0;
  return 1 + Math.max(...value.fields.map(({ value: inner }) => depthOf(inner)));
}

/** Several objects, or several lists, of more than one member each: prettier never puts those on one line. */
function isMatrix(items: readonly Written[]): boolean {
  const [first] = items;
  return (
    items.length > 1 &&
    items.every(
      (item) =>
        item.type === first?.type &&
        ((item.type === "object" && item.fields.length > 1) || (item.type === "list" && item.items.length > 1)),
    )
  );
}

/** Numbers stand on as few lines as possible. */
function filled(items: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const item of items) {
    const longer = line === "" ? `${item},` : `${line} ${item},`;
    if (line !== "" && indent.length + longer.length > WIDTH) {
      lines.push(`${indent}${line}`);
      line = `${item},`;
    } else line = longer;
  }
  return [...lines, `${indent}${line}`];
}

function scalar({ value }: WrittenScalar): string {
  if (typeof value === "string") return string(value);
  return JSON.stringify(value).replace("e+", "e");
}

/** In double quotes, unless single ones need fewer escapes. */
function string(text: string): string {
  const [doubles, singles] = [text.split('"').length, text.split("'").length];
  const inner = quotedText(text);
  return doubles > singles ? `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : `"${inner}"`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : string(name);
}
