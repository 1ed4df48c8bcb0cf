import { NAMESPACE_FIELDS, NAMESPACE_NAME } from "./kv-namespace.js";
import { accountIdRule, bindingRule, slugRule } from "../schema/rules.js";
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
import { ROUTES, VARS, WORKER } from "./worker.js";

const FUNCTION = "it is a function: use EnvironmentSet in TypeScript";

export const ENVIRONMENT_SET_API_VERSION = "cdktf-cloudflare-kv/v1";

const ENTRY = camelObject(
  {
    key: required(text("1 to 512 UTF-8 bytes.")),
    value: required(text("A text.")),
    metadata: json("Any JSON of at most 1,024 bytes."),
  },
  "A key that Terraform writes and watches.",
  {
    unsupported: {
      expiration: "put the entry into a file of seed",
      expirationTtl: "put the entry into a file of seed",
    },
  },
);

const NAMESPACE = camelObject(
  {
    purpose: text("What the namespace is for, as a part of its name.", {
      default: "the binding in lower case",
      rule: slugRule,
    }),
    namespaceName: { ...NAMESPACE_NAME, default: "<app>-<purpose>-<environment>" },
    ...NAMESPACE_FIELDS,
    preventDestroy: boolean("Refuses any plan that would delete the namespace.", {
      default: "the environment's protect",
    }),
    entries: list(ENTRY, "A few keys that Terraform itself writes and watches, at most 100."),
    seed: list(text("A file."), "Files of entries for 'cfkv seed' and 'cfkv dev', relative to this one."),
    adopt: text("The id of a namespace that exists already: the first apply takes it over, with its keys.", {
      rule: accountIdRule,
    }),
    renamedFrom: text("The binding or name that it had before: it is moved and renamed in place, and keeps its keys."),
  },
  "A namespace.",
);

const ACCOUNT_ID = text("The account: 32 hexadecimal digits.", {
  default: "the environment variable CLOUDFLARE_ACCOUNT_ID, read while synthesizing",
  rule: accountIdRule,
});

const LEAVING = {
  retired: list(
    text("A binding or a name; of a set also an environment's."),
    "What is no longer defined and stays at Cloudflare: Terraform forgets it.",
  ),
  deleted: list(text("A binding or a name."), "What is no longer defined and that the next apply deletes for good."),
};

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
      [leftOut("False leaves the Worker out."), WORKER],
      "The fields of the Worker, or false to leave it out.",
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
    ...LEAVING,
  },
  "What one environment has of its own.",
  { unsupported: { provider: FUNCTION } },
);

const BACKEND = camelObject(
  {
    r2: required(
      camelObject(
        {
          bucket: required(text("The R2 bucket, which must exist.")),
          accountId: { ...ACCOUNT_ID },
          keyPrefix: text("What the state's key begins with.", { default: "nothing" }),
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
      camelObject({ name: required(text("The set's name.", { rule: slugRule })) }, "What the set is called."),
    ),
    spec: required(
      camelObject(
        {
          app: text("The app's name, with which all names begin.", { default: "metadata.name", rule: slugRule }),
          namespaces: required(
            map(NAMESPACE, "The namespaces of every environment, by the binding that the Worker knows them by.", {
              keys: bindingRule,
            }),
          ),
          worker: WORKER,
          environments: required(
            map(ENVIRONMENT, "The environments by name.", {
              minEntries: 1,
              keys: (name) => slugRule(name, "an environment's name"),
            }),
          ),
          accountId: ACCOUNT_ID,
          backend: BACKEND,
          providerVersion: text("The versions of the Cloudflare provider to ask for."),
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
