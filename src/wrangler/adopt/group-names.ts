import { isSlug } from "../../kv/names.js";
import { slugOf } from "../import/source-environments.js";

/** Words that names of resources have for an environment. */
const ENVIRONMENTS: ReadonlySet<string> = new Set([
  ...["dev", "development", "test", "testing", "qa", "preview", "canary"],
  ...["stage", "staging", "prod", "production", "live"],
]);

/** The environment of names that name none. */
const UNNAMED = "prod";

/** Which app and environment a name belongs to, and what the resource is for. */
export interface NameGroup {
  readonly app: string;
  readonly environment: string;
  readonly purpose: string | undefined;
}

/** `shop-staging` as the Worker of `shop` in `staging`; a name without an environment is that of production. */
export function groupWorker(name: string): NameGroup {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  if (words.length > 1 && ENVIRONMENTS.has(last)) {
    return { app: words.slice(0, -1).join("-"), environment: last, purpose: undefined };
  }
  return { app: slugOf(name), environment: UNNAMED, purpose: undefined };
}

/**
 * The app, environment and purpose in a namespace's title: `{app}-{purpose}-{env}`, `{app}-{env}-{purpose}` and wrangler's
 * `{worker}-{env}-{BINDING}`, of an app that has Workers or whose name is the first word.
 */
export function groupNamespace(title: string, apps: readonly string[]): NameGroup | undefined {
  const words = wordsOf(title);
  const slug = words.join("-");
  const known = [...apps]
    .filter((app) => slug === app || slug.startsWith(`${app}-`))
    .sort((a, b) => b.length - a.length)[0];
  const at = words.findLastIndex((word) => ENVIRONMENTS.has(word));
  if (known === undefined && (at < 1 || words.length < 2)) return undefined;
  const app = known ?? words[0] ?? "";
  const rest = words.slice(app.split("-").length);
  const environment = rest.findLast((word) => ENVIRONMENTS.has(word));
  const purpose = rest.filter((word) => word !== environment).join("-");
  if (!isSlug(app)) return undefined;
  return { app, environment: environment ?? UNNAMED, purpose: purpose === "" ? undefined : purpose };
}

function wordsOf(name: string): string[] {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return slug === "" ? [] : slug.split("-");
}

/** Whether a name matches a pattern with `*` for anything. */
export function matches(name: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  const source = pattern.split("*").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${source.join("[^]*")}$`).test(name);
}

/** A binding for a namespace that no Worker binds: `session-cache` as `SESSION_CACHE`. */
export function bindingFor(purpose: string | undefined): string {
  const name = (purpose ?? "kv").toUpperCase().replaceAll("-", "_");
  return /^[A-Z_]/.test(name) ? name : `KV_${name}`;
}
