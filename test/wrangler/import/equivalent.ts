import { dirname, resolve } from "node:path";
import { isObject } from "../../../src/values/json.js";

type Config = Readonly<Record<string, unknown>>;

/** Where a file is, and no part of what it configures. */
const ABOUT_THE_FILE = [
  ...["configPath", "userConfigPath", "topLevelName", "definedEnvironments", "targetEnvironment"],
  ...["legacy_env", "send_metrics", "dev", "keep_vars", "site", "alias", "build", "rules", "tsconfig"],
  ...["jsx_factory", "jsx_fragment", "base_dir", "preview_urls", "containers", "unsafe"],
  // Values stay at Cloudflare, and names become a comment.
  "secrets",
];

/** What of a configuration an import and an export keep: defaults filled in, lists in one order, the rest as it is. */
export function essence(config: Config): Config {
  const kept = Object.fromEntries(Object.entries(config).filter(([name]) => !ABOUT_THE_FILE.includes(name)));
  const { route, routes = route === undefined ? [] : [route] } = config;
  const observability = object(config["observability"]);
  const logs = object(observability["logs"]);
  const from = (path: unknown) =>
    typeof path === "string" ? resolve(dirname(String(config["configPath"])), path) : path;
  const given = {
    ...kept,
    route: undefined,
    routes: sorted(routes, "pattern"),
    workers_dev: config["workers_dev"] ?? (routes as readonly unknown[]).length === 0,
    compatibility_flags: [...(config["compatibility_flags"] as string[])].sort(),
    observability: {
      enabled: observability["enabled"] ?? false,
      rate: logs["head_sampling_rate"] ?? observability["head_sampling_rate"] ?? 1,
      invocationLogs: logs["invocation_logs"] ?? true,
    },
    limits: { cpu_ms: object(config["limits"])["cpu_ms"] },
    triggers: [...((object(config["triggers"])["crons"] as string[] | undefined) ?? [])].sort(),
    // Namespaces are bound by their ids; what only wrangler dev reads is not kept.
    kv_namespaces: sorted(config["kv_namespaces"], "binding", "preview_id", "remote"),
    // A database that exists is bound by its id; its name is at Cloudflare.
    d1_databases: sorted(config["d1_databases"], "binding", "database_name", "preview_database_id").map((database) => ({
      ...database,
      migrations_dir: from(database["migrations_dir"]),
    })),
    r2_buckets: sorted(config["r2_buckets"], "binding", "preview_bucket_name"),
    services: sorted(config["services"], "binding"),
    durable_objects: sorted(object(config["durable_objects"])["bindings"], "name"),
    queues: sorted(object(config["queues"])["producers"], "binding", "delivery_delay"),
    vars: without(object(config["vars"]), "KV_DEFAULTS", "NOT-A-NAME"),
    assets: isObject(config["assets"]) && { ...config["assets"], directory: from(config["assets"]["directory"]) },
  };
  return pruned(given) as Config;
}

function object(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function without(value: Config, ...names: readonly string[]): Config {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function sorted(list: unknown, by: string, ...dropped: readonly string[]): Record<string, unknown>[] {
  const items = Array.isArray(list) ? list.map((item: unknown) => without(object(item), ...dropped)) : [];
  return items.sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1));
}

/** Without what stands for nothing: `undefined`, `null`, `false`, and what is empty. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(pruned);
  if (!isObject(value)) return value === null || value === false ? undefined : value;
  const fields = Object.entries(value).flatMap(([name, inner]) => {
    const kept = name === "vars" ? inner : pruned(inner);
    return kept === undefined || (isObject(kept) && Object.keys(kept).length === 0) ? [] : [[name, kept] as const];
  });
  return Object.fromEntries(fields);
}
