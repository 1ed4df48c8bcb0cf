import { scalarValue } from "../../manifest/yaml/scalar.js";
import { scalar as yamlScalar } from "../../manifest/yaml/tree.js";
import { Source } from "../../manifest/yaml/source.js";
import type { PlannedSet } from "./plan-set.js";
import { commentLines, quotedText, WIDTH } from "./print-text.js";
import { field, object, type Written, written, type WrittenField, type WrittenObject } from "./written.js";

/** Sets as manifests, one document each. */
export function printYaml(sets: readonly PlannedSet[], heading: readonly string[]): string {
  const documents = sets.map((set) => documentOf(set).join("\n"));
  const lines = [...heading.flatMap((line) => commentLines(line, "", "#")), documents.join("\n---\n")];
  return `${lines.join("\n")}\n`;
}

function documentOf({ app, props }: PlannedSet): string[] {
  const spec = object(
    props.fields.filter(({ name }) => name !== "app"),
    props.comments,
  );
  const document = [
    field("apiVersion", written("cdktf-cloudflare-kv/v1")),
    field("kind", written("EnvironmentSet")),
    field("metadata", object([field("name", written(app))])),
    field("spec", spec),
  ];
  return document.flatMap((one) => printField(one, ""));
}

function printField({ name, value, comments }: WrittenField, indent: string): string[] {
  const start = `${indent}${text(name)}:`;
  const oneLine = flat(value);
  const above = comments.flatMap((comment) => commentLines(comment, indent, "#"));
  if (oneLine !== undefined) return [...above, `${start} ${oneLine}`];
  return [...above, start, ...block(value, `${indent}  `)];
}

/** The lines of a mapping or a list, below what it belongs to. */
function block(value: Written, indent: string): string[] {
  switch (value.type) {
    case "scalar":
      return [`${indent}${flat(value) ?? ""}`];
    case "call":
      return block(value.yaml, indent);
    case "object":
      return blockOf(value, indent);
    case "list":
      return value.items.flatMap((item) => {
        const oneLine = flat(item);
        if (oneLine !== undefined) return [`${indent}- ${oneLine}`];
        const [first = "", ...others] = block(item, `${indent}  `);
        return [`${indent}- ${first.trimStart()}`, ...others];
      });
  }
}

function blockOf({ fields, comments }: WrittenObject, indent: string): string[] {
  if (fields.length === 0 && comments.length === 0) return [`${indent}{}`];
  return [
    ...fields.flatMap((one) => printField(one, indent)),
    ...comments.flatMap((comment) => commentLines(comment, indent, "#")),
  ];
}

/** A value on the line of its name: a scalar, or a short list of scalars. */
function flat(value: Written): string | undefined {
  switch (value.type) {
    case "scalar":
      return typeof value.value === "string" ? text(value.value) : JSON.stringify(value.value);
    case "call":
      return flat(value.yaml);
    case "object":
      return value.fields.length === 0 && value.comments.length === 0 ? "{}" : undefined;
    case "list": {
      const items = value.items.map((item) => (item.type === "scalar" ? flat(item) : undefined));
      const line = `[${items.join(", ")}]`;
      return items.includes(undefined) || line.length > WIDTH / 2 ? undefined : line;
    }
  }
}

const NOWHERE = { source: new Source("", ""), start: 0, end: 0 };

/** Without quotes where no reader of YAML could take it for anything else. */
function text(value: string): string {
  const isPlain = /^[A-Za-z_][\w./-]*$/.test(value) && scalarValue(yamlScalar(value, NOWHERE, "plain")).type === "text";
  return isPlain ? value : `"${quotedText(value)}"`;
}
