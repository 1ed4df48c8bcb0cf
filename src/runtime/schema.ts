import { copyOf } from "./merge.js";

/** What schemas of zod, valibot and arktype share. @see https://standardschema.dev */
export interface StandardSchemaV1<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

/** What a schema says: the value, or what is wrong with it. */
export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** One broken rule and where it is. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Parses JSON and holds it against the schema. Throws whatever is wrong. */
export async function decodeJson<T>(text: string, schema: StandardSchemaV1<T> | undefined): Promise<T> {
  return conform(JSON.parse(text), schema);
}

/** Holds a value against the schema. */
export async function conform<T>(value: unknown, schema: StandardSchemaV1<T> | undefined): Promise<T> {
  if (schema === undefined) return value as T;
  const result = await schema["~standard"].validate(value);
  // A schema may hand out its own default.
  if (result.issues === undefined) return copyOf(result.value);
  throw new TypeError("the stored value does not match the schema");
}
