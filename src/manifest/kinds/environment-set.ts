import { LEAVING } from "./leaving.js";
import { NAMESPACE_FIELDS, NAMESPACE_NAME } from "./kv-namespace.js";
import { WORKLOAD } from "./workload.js";
import {
  accountIdRule,
  bindingRule,
  descriptionRule,
  keyPatternRule,
  slugRule,
  valueTypeRule,
  workerKeyRule,
} from "../schema/rules.js";
import {
  anyOf,
  boolean,
  type Infer,
  json,
  leftOut,
  list,
  map,
  camelObject,
  oneOf,
  required,
  text,
} from "../schema/schema.js";
import { ROUTES, VARS, WORKER, WORKER_CHANGES } from "./worker.js";

const FUNCTION = "it is a function: use EnvironmentSet in TypeScript";

export const ENVIRONMENT_SET_API_VERSION = "cdktf-cloudflare-kv/v1";

const ENTRY = camelObject(
  {
    key: required(text("1 to 512 UTF-8 bytes.")),
    value: required(text("A string.")),
    metadata: json("Any JSON of at most 1,024 bytes."),
  },
  "An entry that Terraform writes and checks for drift.",
  {
    unsupported: {
      expiration: "put the entry into a seed file",
      expirationTtl: "put the entry into a seed file",
    },
  },
);

const NAMESPACE = camelObject(
  {
    purpose: text("What the namespace is for, as part of its name.", {
      default: "the binding in lower case",
      rule: slugRule,
    }),
    namespaceName: { ...NAMESPACE_NAME, default: "<app>-<purpose>-<environment>" },
    ...NAMESPACE_FIELDS,
    preventDestroy: boolean("Refuses any plan that would delete the namespace.", {
      default: "the environment's protect",
    }),
    entries: list(ENTRY, "Up to 100 entries that Terraform writes and checks for drift."),
    seed: list(text("A file."), "Files of entries for 'cfkv seed' and 'cfkv dev', relative to this one."),
    keys: map(
      text("What is stored under such keys.", { rule: descriptionRule }),
      "What is stored under which keys, by pattern: session:{token}. Reports show it.",
      { keys: keyPatternRule },
    ),
    value: text(
      "The TypeScript type of its values: ./src/types#Session, relative to this file, or @shop/types#Session.",
      {
        rule: valueTypeRule,
      },
    ),
    workload: WORKLOAD,
    adopt: text("The id of an existing namespace: the first apply adopts it, with its keys.", {
      rule: accountIdRule,
    }),
    renamedFrom: text(
      "The namespace's previous binding or name: it is moved and renamed in place, and keeps its keys.",
    ),
  },
  "A namespace.",
);

const ACCOUNT_ID = text("The account: 32 hexadecimal digits.", {
  default: "the environment variable CLOUDFLARE_ACCOUNT_ID, read when synthesizing",
  rule: accountIdRule,
});

const ENVIRONMENT = camelObject(
  {
    accountId: { ...ACCOUNT_ID, default: "the set's accountId" },
    protect: boolean("Refuses any plan that would delete a namespace or a database of this environment.", {
      default: "true, unless the first word of the environment's name is dev, development, preview, previews or pr",
    }),
    namespaces: map(
      anyOf(
        [leftOut("False leaves the namespace out."), NAMESPACE],
        "The fields of a namespace, or false to leave it out.",
      ),
      "Fields to change of the set's namespaces by binding, further namespaces, or false to leave one out.",
      { keys: bindingRule },
    ),
    worker: anyOf(
      [leftOut("False leaves the Worker out."), WORKER_CHANGES],
      "The fields of the Worker, or false to leave it out.",
    ),
    workers: map(
      anyOf(
        [leftOut("False leaves the Worker out."), WORKER_CHANGES],
        "The fields of a Worker, or false to leave it out.",
      ),
      "Fields to change of the set's further Workers by their names in it, more Workers, or false to leave one out.",
      { keys: workerKeyRule },
    ),
    vars: VARS,
    routes: ROUTES,
    developers: list(
      text("A person.", { rule: slugRule }),
      "Turns the environment into one stack for each of these people.",
      {
        minItems: 1,
      },
    ),
    perBranch: boolean(
      "Makes a stack for the pull request or branch that CFKV_PREVIEW names, and none without the variable.",
      { default: "false" },
    ),
    ...LEAVING,
  },
  "The settings of one environment.",
  { unsupported: { provider: FUNCTION } },
);

const BACKEND = camelObject(
  {
    r2: required(
      camelObject(
        {
          bucket: required(text("The R2 bucket, which must exist.")),
          accountId: { ...ACCOUNT_ID },
          keyPrefix: text("A prefix for the state's key.", { default: "nothing" }),
          jurisdiction: oneOf(["eu", "fedramp"], "The jurisdiction the bucket was created in.", { default: "none" }),
        },
        "Keeps the state of each stack in an R2 bucket.",
      ),
    ),
  },
  "Where the state of each stack is kept.",
  { default: "a file beside the assembly" },
);

export const ENVIRONMENT_SET_SCHEMA = camelObject(
  {
    apiVersion: required(
      oneOf([ENVIRONMENT_SET_API_VERSION], "The version of this kind.", { code: "WRONG_API_VERSION" }),
    ),
    kind: required(oneOf(["EnvironmentSet"], "What this document is.", { code: "UNKNOWN_KIND" })),
    metadata: required(
      camelObject({ name: required(text("The set's name.", { rule: slugRule })) }, "The set's metadata."),
    ),
    spec: required(
      camelObject(
        {
          app: text("The app's name, the first part of all names.", { default: "metadata.name", rule: slugRule }),
          namespaces: required(
            map(NAMESPACE, "The namespaces of every environment, by the Worker's binding.", {
              keys: bindingRule,
            }),
          ),
          worker: WORKER,
          workers: map(WORKER, "Several Workers of every environment, by name, beside or instead of worker.", {
            keys: workerKeyRule,
          }),
          environments: required(
            map(ENVIRONMENT, "The environments by name.", {
              minEntries: 1,
              keys: (name) => slugRule(name, "an environment's name"),
            }),
          ),
          accountId: ACCOUNT_ID,
          backend: BACKEND,
          providerVersion: text("The versions of the Cloudflare provider to require."),
          ...LEAVING,
        },
        "The environments of one app.",
        { unsupported: { naming: FUNCTION, configure: FUNCTION, provider: FUNCTION } },
      ),
    ),
  },
  "One app's namespaces and Worker, with one stack for each environment.",
);

export type EnvironmentSetDocument = Infer<typeof ENVIRONMENT_SET_SCHEMA>;
