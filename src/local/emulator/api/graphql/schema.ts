/**
 * The part of Cloudflare's analytics schema that is served. Types in lower case are Cloudflare's own spelling; clients
 * that declare `String!` work there too.
 *
 * @see https://developers.cloudflare.com/kv/observability/metrics-analytics/
 */
export const SCHEMA = `
scalar string
scalar uint64
scalar float64
scalar Date
scalar Time

type Query { viewer: viewer! }
type viewer { accounts(filter: AccountFilter, limit: uint64): [account!]! }
input AccountFilter { accountTag: string }

type account {
  accountTag: string!
  kvOperationsAdaptiveGroups(
    filter: AccountKvOperationsAdaptiveGroupsFilter_InputObject
    limit: uint64!
    orderBy: [AccountKvOperationsAdaptiveGroupsOrderBy!]
  ): [AccountKvOperationsAdaptiveGroups!]!
  kvStorageAdaptiveGroups(
    filter: AccountKvStorageAdaptiveGroupsFilter_InputObject
    limit: uint64!
    orderBy: [AccountKvStorageAdaptiveGroupsOrderBy!]
  ): [AccountKvStorageAdaptiveGroups!]!
}

type AccountKvOperationsAdaptiveGroups {
  count: uint64!
  dimensions: AccountKvOperationsAdaptiveGroupsDimensions
  sum: AccountKvOperationsAdaptiveGroupsSum
  quantiles: AccountKvOperationsAdaptiveGroupsQuantiles
}
type AccountKvOperationsAdaptiveGroupsDimensions {
  date: Date! datetime: Time! datetimeHour: Time! namespaceId: string! actionType: string!
}
type AccountKvOperationsAdaptiveGroupsSum { requests: uint64! objectBytes: uint64! }
type AccountKvOperationsAdaptiveGroupsQuantiles {
  latencyMsP25: float64! latencyMsP50: float64! latencyMsP75: float64!
  latencyMsP90: float64! latencyMsP99: float64! latencyMsP999: float64!
}
type AccountKvStorageAdaptiveGroups {
  dimensions: AccountKvStorageAdaptiveGroupsDimensions
  max: AccountKvStorageAdaptiveGroupsMax
}
type AccountKvStorageAdaptiveGroupsDimensions { date: Date! datetime: Time! namespaceId: string! }
type AccountKvStorageAdaptiveGroupsMax { keyCount: uint64! byteCount: uint64! }

input AccountKvOperationsAdaptiveGroupsFilter_InputObject {
  ${filterFields("date", "Date", true)}
  ${filterFields("datetime", "Time", true)}
  ${filterFields("datetimeHour", "Time", true)}
  ${filterFields("namespaceId", "string", false)}
  ${filterFields("actionType", "string", false)}
  AND: [AccountKvOperationsAdaptiveGroupsFilter_InputObject!]
  OR: [AccountKvOperationsAdaptiveGroupsFilter_InputObject!]
}
input AccountKvStorageAdaptiveGroupsFilter_InputObject {
  ${filterFields("date", "Date", true)}
  ${filterFields("datetime", "Time", true)}
  ${filterFields("namespaceId", "string", false)}
  AND: [AccountKvStorageAdaptiveGroupsFilter_InputObject!]
  OR: [AccountKvStorageAdaptiveGroupsFilter_InputObject!]
}

enum AccountKvOperationsAdaptiveGroupsOrderBy {
  ${orders(["date", "datetime", "datetimeHour", "namespaceId", "actionType", "sum_requests", "sum_objectBytes", "count"])}
}
enum AccountKvStorageAdaptiveGroupsOrderBy {
  ${orders(["date", "datetime", "namespaceId", "max_keyCount", "max_byteCount"])}
}
`;

function filterFields(field: string, type: string, hasOrder: boolean): string {
  const operators = hasOrder ? ["", "_neq", "_gt", "_geq", "_lt", "_leq"] : ["", "_neq", "_like", "_notlike"];
  return [
    ...operators.map((operator) => `${field}${operator}: ${type}`),
    `${field}_in: [${type}!]`,
    `${field}_notin: [${type}!]`,
  ].join(" ");
}

function orders(fields: readonly string[]): string {
  return fields.flatMap((field) => [`${field}_ASC`, `${field}_DESC`]).join(" ");
}
