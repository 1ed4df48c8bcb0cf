import { DataCloudflareWorkersScripts } from "@cdktf/provider-cloudflare/lib/data-cloudflare-workers-scripts/index.js";
import { TerraformLocal, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { repeated } from "../values/text.js";
import { literal } from "./literal.js";
import type { DurableObjectProps, MigrationProps } from "./binding-props.js";

/**
 * Every broken rule of a Worker's Durable Objects. Like Cloudflare, this follows the migrations in order: a new class
 * must not exist yet, a renamed or deleted one must exist, and so must a bound one at the end.
 */
export function durableObjectProblems(
  bound: Readonly<Record<string, DurableObjectProps>>,
  migrations: readonly MigrationProps[],
): string[] {
  const problems = repeated(migrations.map(({ tag }) => tag)).map((tag) => `migrations use the tag '${tag}' twice`);
  const classes = new Set<string>();
  for (const { tag, newSqliteClasses = [], newClasses = [], renamedClasses = [], ...others } of migrations) {
    const { deletedClasses = [], transferredClasses = [] } = others;
    const add = (name: string): void => {
      if (classes.has(name)) problems.push(`migration '${tag}' creates the class '${name}', which already exists`);
      classes.add(name);
    };
    const remove = (name: string): void => {
      if (!classes.delete(name))
        problems.push(`migration '${tag}' names the class '${name}', which no migration creates`);
    };
    for (const name of [...newSqliteClasses, ...newClasses]) add(name);
    for (const { from, to } of renamedClasses) {
      remove(from);
      add(to);
    }
    for (const { to } of transferredClasses) add(to);
    for (const name of deletedClasses) remove(name);
  }
  for (const [binding, { className, scriptName }] of Object.entries(bound)) {
    if (scriptName !== undefined || classes.has(className)) continue;
    const tag = `v${migrations.length + 1}`;
    problems.push(
      `durableObjects '${binding}': no migration creates the class '${className}': ` +
        `add migrations: [{ tag: "${tag}", newSqliteClasses: ["${className}"] }]`,
    );
  }
  return problems;
}

/**
 * Sends the migrations that Cloudflare has not applied. The API accepts each once, but Terraform's configuration is the
 * same in every apply, so the remaining ones are computed from the script's tag at plan time, as wrangler does.
 */
export function sendMigrations(
  scope: Construct,
  script: TerraformResource,
  migrations: readonly MigrationProps[],
  { accountId, scriptName }: { readonly accountId: string; readonly scriptName: string },
): void {
  const tags = migrations.map(({ tag }) => tag);
  const last = tags.at(-1);
  if (last === undefined) return;
  const scripts = new DataCloudflareWorkersScripts(scope, "Scripts", { accountId });
  const name = JSON.stringify(scriptName);
  const tag = new TerraformLocal(
    scope,
    "MigrationTag",
    `\${try(one([for script in ${scripts.fqn}.result : script.migration_tag if script.id == ${name}]), null)}`,
  );
  const list = JSON.stringify(tags.map(literal));
  const tagRef = `local.${tag.friendlyUniqueId}`;
  const done = `(contains(${list}, coalesce(${tagRef}, " ")) ? index(${list}, ${tagRef}) + 1 : 0)`;
  const steps = new TerraformLocal(scope, "MigrationSteps", migrations.map(stepOf));
  script.addOverride(
    "migrations",
    `\${${done} == ${tags.length} ? null : { old_tag = ${tagRef}, new_tag = ${JSON.stringify(literal(last))}, ` +
      `steps = slice(local.${steps.friendlyUniqueId}, ${done}, ${tags.length}) }}`,
  );
  script.addOverride("lifecycle.precondition", [
    {
      condition: `\${coalesce(${tagRef}, " ") == " " || contains(${list}, coalesce(${tagRef}, " "))}`,
      error_message:
        `Worker ${scriptName} has the migration tag '\${coalesce(${tagRef}, " ")}', which is not one of its migrations: ` +
        "add the migrations that were applied elsewhere, in order",
    },
  ]);
}

/** A step in the provider's words. */
export function stepOf(migration: MigrationProps): Record<string, unknown> {
  return {
    new_sqlite_classes: migration.newSqliteClasses ?? null,
    new_classes: migration.newClasses ?? null,
    deleted_classes: migration.deletedClasses ?? null,
    renamed_classes: migration.renamedClasses?.map(({ from, to }) => ({ from, to })) ?? null,
    transferred_classes:
      migration.transferredClasses?.map(({ from, fromScript, to }) => ({ from, from_script: fromScript, to })) ?? null,
  };
}
