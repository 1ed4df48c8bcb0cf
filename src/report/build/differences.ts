import type { Namespace, Stack, Worker } from "../../assembly/index.js";
import { ttlText } from "../document/format.js";
import type { EnvironmentDifferences } from "./model.js";

/** What an environment has where another has something else; `—` where it has nothing. */
const NONE = "—";

/** What differs between the environments of each app; developers' copies of an environment are alike, so the first counts. */
export function environmentDifferences(stacks: readonly Stack[]): EnvironmentDifferences[] {
  const apps = new Map<string, Map<string, Stack>>();
  for (const stack of stacks) {
    const { app, environment } = stack;
    if (app === undefined || environment === undefined) continue;
    const environments = apps.get(app) ?? new Map<string, Stack>();
    if (!environments.has(environment)) environments.set(environment, stack);
    apps.set(app, environments);
  }
  return [...apps].flatMap(([app, environments]) => {
    if (environments.size < 2) return [];
    const rows = rowsOf([...environments.values()]);
    return [{ app, environments: [...environments.keys()], rows }];
  });
}

function rowsOf(stacks: readonly Stack[]): EnvironmentDifferences["rows"] {
  const cells = stacks.map(describe);
  const names = [...new Set(cells.flatMap((cell) => [...cell.keys()]))];
  const rows = names.map((what) => ({ what, values: cells.map((cell) => cell.get(what) ?? NONE) }));
  return rows.filter(({ values }) => new Set(values).size > 1);
}

function describe(stack: Stack): Map<string, string> {
  const cells = new Map<string, string>([["protected", stack.protected ? "yes" : "no"]]);
  for (const namespace of stack.namespaces) {
    const name = namespace.binding ?? namespace.bindingNames[0];
    if (name !== undefined) for (const [field, value] of fieldsOf(namespace)) cells.set(`${name}: ${field}`, value);
  }
  const [worker] = stack.workers;
  cells.set("Worker", worker === undefined ? NONE : "yes");
  if (worker !== undefined) for (const [field, value] of workerFields(worker)) cells.set(`Worker: ${field}`, value);
  return cells;
}

function fieldsOf({ ttlSeconds, description, seedFiles, entries, managed }: Namespace): [string, string][] {
  return [
    ["TTL", ttlText(ttlSeconds)],
    ["purpose", description ?? NONE],
    ["seed files", String(seedFiles.length)],
    ["managed entries", String(entries.length)],
    ["created here", managed ? "yes" : "no"],
  ];
}

function workerFields({ form, versions, customDomains, routes, crons, workersDev }: Worker): [string, string][] {
  const newest = versions.at(-1);
  const secrets = newest?.bindings.filter(({ kind }) => kind === "secret_text").map(({ name }) => name) ?? [];
  return [
    ["rollout", form === "script" ? "all at once" : "gradual"],
    ["compatibility date", newest?.compatibilityDate ?? NONE],
    ["custom domains", customDomains.join(", ") || NONE],
    ["routes", routes.join(", ") || NONE],
    ["crons", crons.join(", ") || NONE],
    ["workers.dev", workersDev ? "yes" : "no"],
    ["secrets", secrets.join(", ") || NONE],
  ];
}
