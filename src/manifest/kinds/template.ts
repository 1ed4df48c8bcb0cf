import { NAMESPACE_FIELDS } from "./kv-namespace.js";
import { LEAVING } from "./leaving.js";
import { accountIdRule, bindingRule, constructNameRule, notBlankRule, slugRule } from "../schema/rules.js";
import { boolean, type Infer, json, list, map, object, oneOf, required, text, variants } from "../schema/schema.js";

const BINDING = required(text("The binding's name in the code: a JavaScript identifier.", { rule: bindingRule }));

const RESOURCE_FIELDS = {
  id: required(text("The id of its construct in the stack.", { rule: constructNameRule })),
  name: required(text("The resource's name.", { rule: notBlankRule })),
  provider: oneOf(["cloudflare"], "Always cloudflare."),
};

const WORKER = object(
  {
    ...RESOURCE_FIELDS,
    type: required(oneOf(["cloudflare_worker"], "A Worker.")),
    config: required(
      object(
        {
          main: required(text("The entry file, relative to this one. It is bundled when the stack is synthesized.")),
          compatibilityDate: text(
            "The compatibility date, as in 2026-04-01: Cloudflare runs the code with the behaviour of that day.",
          ),
          compatibilityFlags: list(text("A flag."), "Compatibility flags, such as nodejs_compat."),
          vars: map(json("A string, or any JSON."), "Plain values by name. Not for secrets."),
          secrets: list(text("A secret's name."), "Names of secrets. Each becomes a sensitive Terraform variable."),
          crons: list(text("Five fields, in UTC."), "Cron expressions."),
          workersDev: boolean("Serves the Worker on workers.dev.", { default: "false" }),
          renamedFrom: text("The id that the Worker had before: its resources are moved, and its name must stay."),
        },
        "The Worker. It is bound to every namespace and database of the template.",
      ),
    ),
  },
  "A Worker.",
);

const NAMESPACE = object(
  {
    ...RESOURCE_FIELDS,
    type: required(oneOf(["cloudflare_kv"], "A Workers KV namespace.")),
    config: required(
      object(
        {
          binding: BINDING,
          ...NAMESPACE_FIELDS,
          renamedFrom: text(
            "The id or the full name that the namespace had before: it is moved and renamed in place, and keeps its keys.",
          ),
        },
        "The namespace.",
      ),
    ),
  },
  "A Workers KV namespace. In Cloudflare it is called <project_name>-<name>.",
);

const DATABASE = object(
  {
    ...RESOURCE_FIELDS,
    type: required(oneOf(["cloudflare_d1"], "A D1 database.")),
    config: required(
      object(
        {
          binding: BINDING,
          databaseId: text("Binds an existing database.", { default: "one is created" }),
          renamedFrom: text("The previous binding of a created database: it is moved and keeps its rows."),
        },
        "The database.",
      ),
    ),
  },
  "A D1 database. In Cloudflare it is called <project_name>-<name>.",
);

const DOMAIN = object(
  {
    ...RESOURCE_FIELDS,
    type: required(oneOf(["cloudflare_custom_domain"], "A custom domain.")),
    config: required(
      object(
        {
          hostname: text("The host, without scheme or path.", { default: "the resource's name" }),
          zoneId: required(text("The zone of the host: 32 hexadecimal digits.", { rule: accountIdRule })),
        },
        "The domain.",
      ),
    ),
  },
  "A host name that belongs to the Worker alone.",
);

export const TEMPLATE_SCHEMA = object(
  {
    projectName: required(
      text("The project's name: the stack's name and the first part of all others.", { rule: slugRule }),
    ),
    provider: oneOf(["cloudflare"], "Always cloudflare."),
    architectureType: required(oneOf(["workers_kv"], "The kind of template.")),
    accountId: text("The account of all resources: 32 hexadecimal digits.", {
      default: "the environment variable CLOUDFLARE_ACCOUNT_ID, read when synthesizing",
      rule: accountIdRule,
    }),
    resources: required(
      list(
        variants(
          "type",
          {
            cloudflare_worker: WORKER,
            cloudflare_kv: NAMESPACE,
            cloudflare_d1: DATABASE,
            cloudflare_custom_domain: DOMAIN,
          },
          "One of the template's resources.",
        ),
        "One Worker, and what it is bound to.",
        { minItems: 1 },
      ),
    ),
    ...LEAVING,
  },
  "A Worker with its namespaces, as the workers_kv template declares it.",
);

export type TemplateDocument = Infer<typeof TEMPLATE_SCHEMA>;
export type TemplateResource = TemplateDocument["resources"][number];
