import { accountIdRule } from "../schema/rules.js";
import {
  anyOf,
  boolean,
  integer,
  json,
  list,
  map,
  number,
  camelObject,
  leftOut,
  oneOf,
  required,
  text,
} from "../schema/schema.js";

const CODE = camelObject(
  {
    entry: text("A TypeScript or JavaScript file, relative to this one. It is bundled when the stack is synthesized."),
    minify: boolean("Shortens names and removes whitespace.", { default: "false" }),
    sourceMap: boolean("Appends the source map to the module.", { default: "false" }),
    define: map(text("A constant expression."), "Names to replace by constant expressions."),
    file: text("A file that is already one ES module, relative to this one."),
    inline: text("The source text of one ES module."),
    wrangler: text("A TypeScript or JavaScript file, relative to this one, that wrangler deploys."),
  },
  "The Worker's module: entry, file, inline or wrangler.",
);

const RELEASE = camelObject(
  {
    label: required(text("The version's permanent name.")),
    percentage: required(number("Percent of the requests, 0 to 100 with at most two decimals.")),
    code: anyOf([text("An entry file."), CODE], "An entry file, or the Worker's module as a mapping."),
    versionId: text("The id of an existing version."),
  },
  "One version of the Worker and its share of the traffic.",
);

const ZONE = {
  zoneId: text("The zone of the host: 32 hexadecimal digits.", { rule: accountIdRule }),
  zoneName: text("The zone of the host by its name, such as example.com, which Terraform looks up.", {
    default: "of a custom domain, the zone that its host belongs to",
  }),
};

export const ROUTES = list(
  camelObject(
    { pattern: required(text("Host and path with '*' as wildcard: shop.example.com/api/*.")), ...ZONE },
    "A pattern of a zone.",
  ),
  "Patterns whose requests go to the Worker.",
);

export const VARS = map(
  json("A string, or any JSON."),
  "Plain values by name. Not for secrets: they are readable in the assembly.",
);

const CLASSES = (description: string) => list(text("A class."), description);

const MIGRATION = camelObject(
  {
    tag: required(text("The step's permanent name.")),
    newSqliteClasses: CLASSES("Creates classes with SQLite storage."),
    newClasses: CLASSES("Creates classes with the key-value storage that Durable Objects had before SQLite."),
    renamedClasses: list(
      camelObject({ from: required(text("The old name.")), to: required(text("The new name.")) }, "A rename."),
      "Renames classes; their objects stay.",
    ),
    deletedClasses: CLASSES("Deletes classes with all their objects."),
    transferredClasses: list(
      camelObject(
        {
          from: required(text("The class there.")),
          fromScript: required(text("The other Worker's name.")),
          to: required(text("The class here.")),
        },
        "A transfer.",
      ),
      "Transfers classes and their objects from another Worker.",
    ),
  },
  "One step.",
);

const IN_TYPESCRIPT = "it needs the construct in TypeScript";

const SIBLING = "A Worker of the same environment, by its name in workers; 'worker' is the set's worker.";

const DATABASE = camelObject(
  {
    databaseName: text("Creates a database of this name.", { default: "<app>-<binding>-<environment>" }),
    databaseId: text("Binds an existing database: a UUID."),
    readReplication: oneOf(["auto", "disabled"], "Whether a created database is read from replicas.", {
      default: "disabled",
    }),
    preventDestroy: boolean("Refuses any plan that would delete a created database.", {
      default: "the environment's protect",
    }),
    renamedFrom: text("The previous binding of a created database: it is moved and keeps its rows."),
    migrations: text("A folder of SQL files as of wrangler, relative to this file."),
    worker: text("Binds the database that this other Worker of the environment has under the same name."),
  },
  "A database, to create or to bind.",
);

const WORKER_NAME = text("A Worker's name.");

const SERVICE = camelObject(
  {
    service: text("The other Worker's name.", { default: "worker" }),
    worker: text(SIBLING, { default: "service" }),
    entrypoint: text("The exported class that answers.", { default: "the default export" }),
  },
  "A Worker and one of its classes.",
);

const DURABLE_OBJECT = camelObject(
  {
    className: required(text("The exported class.")),
    scriptName: text("The name of the Worker whose code has the class.", { default: "this Worker" }),
    worker: text(SIBLING, { default: "scriptName" }),
  },
  "A Durable Object class.",
);

const QUEUE = text("A queue's name.");

const RATE_LIMIT = camelObject(
  {
    limit: required(integer("Requests that pass in each period.")),
    period: required(integer("Seconds: 10 or 60.")),
    namespaceId: text("Separates this limiter's counts from others.", { default: "1" }),
  },
  "A rate limiter.",
);

const NAMED_BINDING = map(
  json("The attribute's value."),
  "A binding: its name, its type and the attributes of that type.",
);
const BINDING = map(json("The attribute's value."), "A binding: its type and the attributes of that type.");

const D1_DOC = "D1 databases by binding.";
const SERVICES_DOC = "Other Workers by binding.";
const DURABLE_OBJECTS_DOC = "Durable Object classes by binding.";
const QUEUES_DOC = "Names of queues that the code sends to, by binding.";
const RATE_LIMITS_DOC = "Cloudflare's rate limiters by binding.";
const BINDINGS_DOC =
  "Bindings of any other kind, as a list or by name, with what the provider's documentation calls their attributes in camel case.";

/** Bindings as a Worker has them. */
const BINDINGS = {
  d1: map(DATABASE, D1_DOC),
  services: map(anyOf([WORKER_NAME, SERVICE], "A Worker's name, or name and entrypoint."), SERVICES_DOC),
  durableObjects: map(DURABLE_OBJECT, DURABLE_OBJECTS_DOC),
  queues: map(QUEUE, QUEUES_DOC),
  rateLimits: map(RATE_LIMIT, RATE_LIMITS_DOC),
  bindings: anyOf([list(NAMED_BINDING, "As a list."), map(BINDING, "By name.")], BINDINGS_DOC),
};

const LEFT_OUT = leftOut("False leaves it out.");

/** Bindings as an environment changes them. */
const BINDING_CHANGES = {
  d1: map(anyOf([LEFT_OUT, DATABASE], "A database, or false to leave it out."), D1_DOC),
  services: map(anyOf([LEFT_OUT, WORKER_NAME, SERVICE], "A Worker, or false to leave it out."), SERVICES_DOC),
  durableObjects: map(anyOf([LEFT_OUT, DURABLE_OBJECT], "A class, or false to leave it out."), DURABLE_OBJECTS_DOC),
  queues: map(anyOf([LEFT_OUT, QUEUE], "A queue's name, or false to leave it out."), QUEUES_DOC),
  rateLimits: map(anyOf([LEFT_OUT, RATE_LIMIT], "A rate limiter, or false to leave it out."), RATE_LIMITS_DOC),
  bindings: anyOf(
    [
      list(NAMED_BINDING, "As a list."),
      map(anyOf([LEFT_OUT, BINDING], "A binding, or false to leave it out."), "By name."),
    ],
    BINDINGS_DOC,
  ),
};

/** A Worker's other fields, as WorkerWithKvBindings has them. */
const FIELDS = {
  workerName: text("The Worker's name.", { default: "<app>-<environment>" }),
  code: anyOf(
    [text("An entry file."), CODE],
    "An entry file, or the Worker's module as a mapping. With 'wrangler', wrangler deploys the script, and Terraform everything around it.",
  ),
  vars: VARS,
  secrets: list(text("A secret's name."), "Names of secrets. Each becomes a sensitive Terraform variable."),
  migrations: list(MIGRATION, "The history of the Worker's own Durable Object classes, in wrangler's form."),
  routes: ROUTES,
  customDomains: list(
    camelObject({ hostname: required(text("The host, without scheme or path.")), ...ZONE }, "A custom domain."),
    "Hosts that belong to the Worker alone.",
  ),
  workersDev: boolean("Serves the Worker on workers.dev.", { default: "false" }),
  workersDevSubdomain: text("The account's subdomain of workers.dev, used only to compute the URL in the outputs."),
  crons: list(text("Five fields, in UTC."), "Cron expressions."),
  observability: camelObject(
    {
      enabled: boolean("Whether logs are kept.", { default: "true" }),
      headSamplingRate: number("The share of requests that are logged, 0 to 1.", { default: "1" }),
      invocationLogs: boolean("Logs a line for each invocation.", { default: "true" }),
    },
    "What Workers Logs keeps.",
  ),
  compatibilityDate: text(
    "The compatibility date, as in 2026-04-01: Cloudflare runs the code with the behaviour of that day.",
  ),
  compatibilityFlags: list(text("A flag."), "Compatibility flags, such as nodejs_compat."),
  limits: camelObject({ cpuMs: required(integer("Milliseconds.")) }, "CPU time that one invocation may take."),
  placement: camelObject({ mode: required(oneOf(["smart"], "Near the services it calls.")) }, "Where the Worker runs."),
  logpush: boolean("Sends trace events to the account's Logpush job.", { default: "false" }),
  tailConsumers: list(
    anyOf(
      [WORKER_NAME, camelObject({ worker: required(text(SIBLING)) }, "A Worker of the same environment.")],
      "A Worker's name, or a Worker of the same environment.",
    ),
    "Workers that receive this one's traces.",
  ),
  assets: camelObject(
    {
      directory: required(text("The folder of files, relative to this file.")),
      binding: text("The binding through which the code requests files."),
      htmlHandling: oneOf(
        ["auto-trailing-slash", "drop-trailing-slash", "force-trailing-slash", "none"],
        "How paths map to HTML files.",
      ),
      notFoundHandling: oneOf(
        ["404-page", "none", "single-page-application"],
        "What is served for a path without a file.",
      ),
      runWorkerFirst: anyOf(
        [boolean("Always."), list(text("A pattern."), "Patterns.")],
        "True or false, or a list of patterns.",
      ),
    },
    "Static files in front of the Worker.",
  ),
  rollout: camelObject(
    {
      releases: required(list(RELEASE, "The versions of the Worker.", { minItems: 1 })),
      mixedBindings: boolean("Allows other bindings beside KV.", { default: "false" }),
    },
    "Shares the traffic between labelled versions.",
  ),
  adopt: anyOf(
    [
      boolean("Adopts everything that can be found by name."),
      camelObject(
        {
          workerId: text("The Worker's id, in a gradual rollout.", { default: "its name" }),
          routes: map(text("A route's id."), "The id of each route by its pattern."),
          customDomains: map(text("A custom domain's id."), "The id of each custom domain by its hostname."),
        },
        "The ids of resources that cannot be found by name.",
      ),
    ],
    "Adopts an existing Worker of this name instead of overwriting it.",
  ),
  keepSecrets: boolean("Keeps secrets that other tools stored in the Worker.", { default: "the same as adopt" }),
  renamedFrom: text("The Worker's previous name: its resources are moved."),
};

const UNSUPPORTED = { unsupported: { kv: IN_TYPESCRIPT } };

export const WORKER = camelObject(
  { ...FIELDS, ...BINDINGS },
  "The Worker. It is bound to all namespaces of its environment.",
  UNSUPPORTED,
);

/** What an environment changes of a Worker. */
export const WORKER_CHANGES = camelObject(
  { ...FIELDS, ...BINDING_CHANGES },
  "The fields of the Worker that the environment changes.",
  UNSUPPORTED,
);
