import type * as graphqlTypes from "graphql";
import type { ExecutionResult, FieldNode, FragmentDefinitionNode, GraphQLError, GraphQLResolveInfo, GraphQLSchema } from "graphql";
import { isHexId } from "../../../../kv/ids.js";
import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Emulation, Handler } from "../../emulation.js";
import { raw } from "../envelope.js";
import { type ApiRequest, objectBody } from "../http.js";
import { checkRange, type Filter, passes, QueryRefused } from "./filter.js";
import { grouped, operationGroup, operationRow, type Row, storageGroup, storageRow } from "./rows.js";
import { SCHEMA } from "./schema.js";

/** Rows that one node of a query may return. */
const MAX_LIMIT = 10_000;

/** What a query may nest: its own fields are far below it. */
const MAX_TOKENS = 20_000;

interface GroupArguments {
  readonly filter?: Filter;
  readonly limit: number;
  readonly orderBy?: readonly string[];
}

/** The package is loaded when the first query comes. */
type Library = typeof graphqlTypes;

let loaded: Promise<{ readonly library: Library; readonly schema: GraphQLSchema }> | undefined;

/**
 * Answers a query of the analytics API from what was really counted. Errors come with status 200, in a list.
 *
 * @see https://developers.cloudflare.com/analytics/graphql-api/errors/
 */
export const graphql: Handler = async (request, emulation) => {
  const { library, schema } = await (loaded ??= load());
  const result = await answer(library, schema, request, emulation);
  return raw(JSON.stringify(result), { "content-type": "application/json" });
};

async function load(): Promise<{ library: Library; schema: GraphQLSchema }> {
  const library = await import("graphql");
  return { library, schema: library.buildSchema(SCHEMA) };
}

async function answer(library: Library, schema: GraphQLSchema, request: ApiRequest, emulation: Emulation): Promise<object> {
  const now = emulation.now();
  const { query, variables } = objectBody(request);
  if (typeof query !== "string" || query.trim() === "") return failed([refusal("query not set", null, now)]);
  let document;
  try {
    document = library.parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    return failed([refusal((error as Error).message, null, now)]);
  }
  // Cloudflare takes `String!` for its own `string!`, so the types of variables are not compared.
  const rules = library.specifiedRules.filter((rule) => rule !== library.VariablesInAllowedPositionRule);
  const invalid = library.validate(schema, document, rules);
  if (invalid.length > 0) return failed(invalid.map((error) => refusal(wordsOf(error), null, now)));

  const result: ExecutionResult = await library.execute({
    schema,
    document,
    rootValue: { viewer: { accounts: (args: { filter?: { accountTag?: string } }) => accounts(args.filter, emulation) } },
    variableValues: isObject(variables) ? variables : {},
  });
  const { errors = [] } = result;
  if (errors.length === 0) return { data: result.data, errors: null };
  return failed(errors.map((error) => refusal(wordsOf(error), error.path ?? null, now)));
}

/** An account that does not exist gives an empty list, not an error. */
function accounts(filter: { accountTag?: string } | undefined, emulation: Emulation): object[] {
  const tag = filter?.accountTag;
  if (tag === undefined || !isHexId(tag)) return [];
  const owned = new Set(emulation.state.namespaces.filter(({ account }) => account === tag).map(({ id }) => id));
  const isOfOthers = (row: Row): boolean => {
    const id = row.dimensions["namespaceId"] ?? "";
    return !owned.has(id) && emulation.state.namespaces.some((namespace) => namespace.id === id);
  };
  const { analytics, state, workerd } = emulation;
  // Once for all nodes of a query: a report asks for each week.
  let operations: Promise<void> | undefined;
  let storage: Promise<void> | undefined;
  return [
    {
      accountTag: tag,
      kvOperationsAdaptiveGroups: async (args: GroupArguments, _: unknown, info: GraphQLResolveInfo) => {
        check(args, emulation);
        await (operations ??= analytics.refresh(tag, state, workerd, false));
        return groups(analytics.book.counts.map(operationRow), args, info, isOfOthers, operationGroup);
      },
      kvStorageAdaptiveGroups: async (args: GroupArguments, _: unknown, info: GraphQLResolveInfo) => {
        check(args, emulation);
        await (storage ??= analytics.refresh(tag, state, workerd, true));
        return groups(analytics.book.snapshots.map(storageRow), args, info, isOfOthers, storageGroup);
      },
    },
  ];
}

function check({ filter = {}, limit }: GroupArguments, { now }: Emulation): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new QueryRefused(`limit must be positive number and not greater than ${MAX_LIMIT}`);
  }
  checkRange(filter, now());
}

function groups<R extends Row>(
  rows: readonly R[],
  { filter = {}, limit, orderBy = [] }: GroupArguments,
  info: GraphQLResolveInfo,
  isOfOthers: (row: Row) => boolean,
  group: (rows: readonly R[], dimensions: Row["dimensions"]) => object,
): object[] {
  const mine = rows.filter((row) => passes(row, filter) && !isOfOthers(row));
  return grouped(mine, dimensionsOf(info), group).sort(byOrder(orderBy)).slice(0, limit);
}

/** The dimensions that a query asks for decide what its rows are grouped by. */
function dimensionsOf({ fieldNodes, fragments }: GraphQLResolveInfo): string[] {
  const inside = (nodes: readonly FieldNode[], name: string): FieldNode[] =>
    nodes.flatMap((node) => fieldsOf(node, fragments)).filter((field) => field.name.value === name);
  const names = inside(fieldNodes, "dimensions").flatMap((node) => fieldsOf(node, fragments));
  return [...new Set(names.map((field) => field.name.value))].filter((name) => !name.startsWith("__"));
}

function fieldsOf(
  node: { readonly selectionSet?: FieldNode["selectionSet"] },
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
): FieldNode[] {
  return (node.selectionSet?.selections ?? []).flatMap((selection) => {
    // By their fields, because the kinds are an enum of the package, which is loaded later.
    if ("alias" in selection || "arguments" in selection) return [selection];
    const inner = "selectionSet" in selection ? selection : fragments[selection.name.value];
    return inner === undefined ? [] : fieldsOf(inner, fragments);
  });
}

function byOrder(orders: readonly string[]): (a: object, b: object) => number {
  return (a, b) => {
    for (const order of orders) {
      const [, name = "", direction] = /^(.*)_(ASC|DESC)$/.exec(order) ?? [];
      const [x, y] = [valueOf(a, name), valueOf(b, name)];
      if (x !== y) return (x < y ? -1 : 1) * (direction === "ASC" ? 1 : -1);
    }
    return 0;
  };
}

/** `sum_requests` of a group, or one of its dimensions. */
function valueOf(group: object, name: string): string | number {
  const [block = "", field = ""] = name.includes("_") ? name.split("_") : ["dimensions", name];
  const value = ((group as JsonObject)[block] as JsonObject | undefined)?.[field] ?? (group as JsonObject)[name];
  return typeof value === "number" || typeof value === "string" ? value : "";
}

function failed(errors: readonly object[]): object {
  return { data: null, errors };
}

function refusal(message: string, path: readonly (string | number)[] | null, now: Date): object {
  return { message, path, extensions: { timestamp: now.toISOString() } };
}

/** Cloudflare's words where they are known. */
function wordsOf({ message, originalError }: GraphQLError): string {
  if (originalError instanceof QueryRefused) return originalError.message;
  const field = /^Cannot query field "([^"]+)"/.exec(message)?.[1];
  if (field !== undefined) return `unknown field "${field}"`;
  const argument = /^Unknown argument "([^"]+)"/.exec(message)?.[1] ?? /^Field "([^"]+)" is not defined by type/.exec(message)?.[1];
  if (argument !== undefined) return `unknown arg "${argument}"`;
  return message;
}
