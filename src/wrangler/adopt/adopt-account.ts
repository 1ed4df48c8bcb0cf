import { byText } from "../../values/text.js";
import { draftEnvironments } from "../import/draft-environment.js";
import type { EnvironmentConfig } from "../import/config-schema.js";
import type { LiveFacts } from "../import/live-facts.js";
import { type PlannedSet, planSet } from "../import/plan-set.js";
import type { SourceEnvironment } from "../import/source-environments.js";
import { bindingFor, groupNamespace, groupWorker, matches } from "./group-names.js";
import type { AccountSnapshot } from "./snapshot.js";
import { workerConfig } from "./worker-config.js";

/** What an account becomes. */
export interface AdoptedAccount {
  readonly sets: readonly PlannedSet[];
  /** Each app with its environments, as people read it before anything is written. */
  readonly groups: readonly string[];
  /** What stays unmanaged, and why. */
  readonly unmanaged: readonly string[];
}

/** Groups an account by names, and plans a set for each app. */
export async function adoptAccount(
  snapshot: AccountSnapshot,
  pattern: string | undefined,
  live: LiveFacts,
): Promise<AdoptedAccount> {
  const { accountId } = snapshot;
  const unmanaged: string[] = [];
  const apps = new Map<string, Map<string, EnvironmentConfig>>();
  const environmentOf = (app: string, name: string): Map<string, EnvironmentConfig> => {
    const environments = apps.get(app) ?? new Map<string, EnvironmentConfig>();
    apps.set(app, environments);
    if (!environments.has(name)) environments.set(name, { account_id: accountId });
    return environments;
  };

  for (const worker of [...snapshot.workers].sort((a, b) => byText(a.name, b.name))) {
    if (!matches(worker.name, pattern)) {
      unmanaged.push(`Worker '${worker.name}': its name does not match '${pattern ?? ""}'`);
      continue;
    }
    const { app, environment } = groupWorker(worker.name);
    const { config, notes } = workerConfig(worker, accountId);
    unmanaged.push(...notes);
    if (worker.file === undefined) {
      unmanaged.push(`Worker '${worker.name}': its code is not one module; import its wrangler configuration instead`);
    }
    environmentOf(app, environment).set(environment, config);
  }

  const bound = new Set([...apps.values()].flatMap((all) => [...all.values()].flatMap(idsOf)));
  for (const { id, namespaceName } of snapshot.namespaces) {
    if (bound.has(id)) continue;
    const group = matches(namespaceName, pattern) ? groupNamespace(namespaceName, [...apps.keys()]) : undefined;
    if (group === undefined) {
      const why = matches(namespaceName, pattern)
        ? "no app and environment are in its title"
        : `its title does not match '${pattern ?? ""}'`;
      unmanaged.push(`namespace '${namespaceName}' (${id}): ${why}`);
      continue;
    }
    const environments = environmentOf(group.app, group.environment);
    const config = environments.get(group.environment) ?? {};
    const all = config.kv_namespaces ?? [];
    const binding = freeBinding(
      bindingFor(group.purpose),
      all.map((one) => one.binding),
    );
    environments.set(group.environment, { ...config, kv_namespaces: [...all, { binding, id }] });
  }
  for (const { name, databaseId } of snapshot.databases) {
    unmanaged.push(`database '${name}' (${databaseId}): Workers bind it by its id, Terraform does not manage it`);
  }

  const owners = new Map<string, string>();
  const sets: PlannedSet[] = [];
  const groups: string[] = [];
  for (const [app, environments] of [...apps].sort(([a], [b]) => byText(a, b))) {
    const sources = [...environments].map(([name, config]): SourceEnvironment => ({
      name,
      wranglerName: name,
      config,
      path: [name],
    }));
    const input = { file: `account ${accountId}`, repath: (path: string) => path, live, owners };
    sets.push(planSet(app, await draftEnvironments(sources, input)));
    groups.push(app, ...sources.map(({ name, config }) => `  ${name}: ${contents(config)}`));
  }
  return { sets, groups, unmanaged };
}

function idsOf({ kv_namespaces: all = [] }: EnvironmentConfig): string[] {
  return all.flatMap(({ id }) => id ?? []);
}

function freeBinding(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number++) name = `${wanted}_${number}`;
  return name;
}

function contents({ name, kv_namespaces: all = [], routes = [], triggers }: EnvironmentConfig): string {
  const parts = [
    ...(name === undefined ? [] : [`Worker ${name}`]),
    ...(all.length > 0 ? [`namespaces ${all.map(({ binding }) => binding).join(", ")}`] : []),
    ...(routes.length > 0 ? [`${routes.length} addresses`] : []),
    ...((triggers?.crons ?? []).length > 0 ? ["crons"] : []),
  ];
  return parts.join(", ");
}
