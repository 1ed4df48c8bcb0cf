import { type Workload, WORKLOAD_PARTS, type WorkloadField, workloadNumberProblem } from "../../kv/workload.js";
import { camelObject, number, required, type Schema } from "../schema/schema.js";

const USERS: Readonly<Record<keyof Workload, string>> = {
  cache: "the runtime library's Cache",
  sessions: "the runtime library's SessionStore",
  flags: "the runtime library's FeatureFlags",
  config: "the runtime library's ConfigStore",
  preferences: "the runtime library's Preferences",
  rateLimit: "the runtime library's KvRateLimiter",
  direct: "code that uses the binding itself, or KvStore,",
};

/** How much a namespace is used, for 'cfkv estimate'. */
export const WORKLOAD: Schema<Workload> = camelObject(
  Object.fromEntries(
    Object.entries(WORKLOAD_PARTS).map(([part, fields]) => [
      part,
      camelObject(
        Object.fromEntries(Object.entries<WorkloadField>(fields).map(([name, field]) => [name, fieldSchema(field)])),
        `What ${USERS[part as keyof Workload]} does.`,
      ),
    ]),
  ),
  "How much the namespace is used, on average over a month, for 'cfkv estimate'.",
);

function fieldSchema(field: WorkloadField): Schema {
  const schema = number(field.doc, {
    minimum: field.least,
    ...(field.most !== undefined && { maximum: field.most }),
    rule: (value, label) => {
      const message = workloadNumberProblem(label, value, field);
      return message === undefined ? undefined : { code: "INVALID_VALUE", message };
    },
  });
  return field.required === true ? required(schema) : schema;
}
