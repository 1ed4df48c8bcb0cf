import { isSlug } from "../../kv/names.js";
import type { Place } from "../../manifest/findings/place.js";
import { isObject } from "../../values/json.js";
import type { EnvironmentConfig, WranglerConfig } from "./config-schema.js";
import { WRANGLER_FIELDS } from "./fields.js";

/** An environment of wrangler's, with what it inherits from the top level. */
export interface SourceEnvironment {
  /** Its name in the set. */
  readonly name: string;
  /** Its name in wrangler's configuration; the top level has none. */
  readonly wranglerName: string | undefined;
  readonly config: EnvironmentConfig;
  /** Where it is written. */
  readonly path: readonly string[];
}

/** Every environment of a configuration, the top level first. */
export function sourceEnvironments(config: WranglerConfig): SourceEnvironment[] {
  const { env = {}, ...top } = config;
  const names = Object.keys(env);
  const taken = new Set<string>();
  const free = (wanted: string): string => {
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
    taken.add(name);
    return name;
  };
  const named = names.map((name) => [name, free(slugOf(name))] as const);
  const topName = free(nameOfTop([...taken]));
  return [
    { name: topName, wranglerName: undefined, config: top, path: [] },
    ...named.map(([wranglerName, name]) => ({
      name,
      wranglerName,
      config: inherit(top as EnvironmentConfig, env[wranglerName] ?? {}, wranglerName),
      path: ["env", wranglerName],
    })),
  ];
}

/** The name of the top level: production, unless an environment is that. Both are protected. */
function nameOfTop(names: readonly string[]): string {
  return names.some((name) => ["prod", "production", "live"].includes(name)) ? "default" : "prod";
}

/** As wrangler does it: some fields come from the top level unless the environment has them. */
function inherit(top: EnvironmentConfig, own: EnvironmentConfig, name: string): EnvironmentConfig {
  const inherited = Object.entries(top).filter(([field]) => WRANGLER_FIELDS[field]?.scope === "inherited");
  return {
    ...Object.fromEntries(inherited),
    ...(top.name !== undefined && { name: `${top.name}-${name}` }),
    ...own,
  };
}

/** `Staging_EU` as `staging-eu`. */
export function slugOf(text: string): string {
  const slug = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return isSlug(slug) ? slug : "env";
}

/** A name and where it is written. */
export interface BindingPlace {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** Fields whose items have their name under `name` instead of `binding`. */
const NAMED: ReadonlySet<string> = new Set(["ratelimits", "send_email"]);

/** Every binding of an environment as it is written there, whatever its kind. */
export function bindingsOf(config: EnvironmentConfig): BindingPlace[] {
  const found: BindingPlace[] = Object.keys(config.vars ?? {}).map((name) => ({ name, path: ["vars", name] }));
  const add = (value: unknown, nameField: string, ...path: readonly (string | number)[]): void => {
    const name = isObject(value) ? value[nameField] : undefined;
    if (typeof name === "string") found.push({ name, path: [...path, nameField] });
  };
  const addAll = (list: unknown, nameField: string, ...path: readonly string[]): void => {
    if (Array.isArray(list)) list.forEach((each: unknown, at) => add(each, nameField, ...path, at));
  };
  for (const [field, value] of Object.entries(config)) {
    if (field === "durable_objects") addAll(config.durable_objects?.bindings, "name", field, "bindings");
    else if (field === "queues") addAll(config.queues?.producers, "binding", field, "producers");
    else if (Array.isArray(value)) addAll(value, NAMED.has(field) ? "name" : "binding", field);
    else add(value, "binding", field);
  }
  return found;
}

/** Reports names that two bindings of one Worker have. */
export function checkBindings(config: EnvironmentConfig, placeOf: (path: readonly (string | number)[]) => Place): void {
  const seen = new Set<string>();
  for (const { name, path } of bindingsOf(config)) {
    if (seen.has(name)) {
      placeOf(path).report({
        code: "DUPLICATE_BINDING",
        message: `another binding of this Worker is named '${name}' too`,
      });
    }
    seen.add(name);
  }
}
