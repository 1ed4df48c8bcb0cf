import { relative } from "node:path";
import { namespaceLabel, type Namespace, type Output, type Stack, type Worker } from "../../assembly/index.js";
import { printable } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { Channel } from "./channel.js";
import { columns } from "./columns.js";

/** Prints stacks as text, or with `json` as JSON. Annotations of their constructs go to the notes. */
export function printStacks(
  stacks: readonly Stack[],
  { results, notes }: Pick<CommandContext, "results" | "notes">,
  { json }: { readonly json?: boolean },
): void {
  for (const { level, message, constructPath } of stacks.flatMap(({ annotations }) => annotations)) {
    const lines = message.split("\n").map(printable);
    notes.line(`${notes.paint("yellow", level)} ${printable(constructPath)}: ${lines.join("\n")}`);
  }
  if (json === true) results.json({ stacks: stacks.map(stackJson) });
  else results.line(stacks.map((stack) => stackText(stack, results)).join("\n\n"));
}

/** A TTL in the largest unit that fits. */
export function ttlText(seconds: number): string {
  if (seconds === 0) return "keys do not expire";
  const [unit, size] = UNITS.find(([, each, least]) => seconds % each === 0 && seconds >= least) ?? ["s", 1];
  return `keys expire after ${seconds / size} ${unit}`;
}

/** Each with its seconds, and the count from which it reads better than the next: a day is 24 h, two are 2 days. */
const UNITS = [
  ["days", 86_400, 172_800],
  ["h", 3600, 3600],
  ["min", 60, 60],
] as const;

/** The addresses of a Worker once it is deployed. */
export function workerUrls(worker: Worker): string[] {
  return [
    ...worker.customDomains.map((host) => `https://${host}/`),
    ...worker.routes.map((pattern) => (pattern.includes("://") ? pattern : `https://${pattern}`)),
    ...(worker.workersDev ? [`https://${worker.name}.<your subdomain>.workers.dev/`] : []),
  ];
}

function stackText(stack: Stack, channel: Channel): string {
  const { app, environment, developer } = stack;
  const facts = [
    ...(environment === undefined ? [] : [`${environment}${app === undefined ? "" : ` of ${app}`}`]),
    ...(developer === undefined ? [] : [`developer ${developer}`]),
    ...(stack.protected ? ["protected"] : []),
    ...(stack.dependencies.length > 0 ? [`after ${stack.dependencies.join(", ")}`] : []),
  ];
  const title =
    channel.paint("bold", printable(stack.name)) + (facts.length > 0 ? `  ${printable(facts.join(", "))}` : "");
  // As the environment's namespaces are shown by their bindings.
  const isNamed = stack.workers.some(({ key }) => key !== undefined);
  const sections = [
    section("namespaces", stack.namespaces.map(namespaceRow)),
    section(
      "workers",
      stack.workers.map((worker) => workerRow(worker, isNamed)),
    ),
    section(
      "databases",
      stack.databases.map(({ name, databaseId, logicalId }) => [name ?? databaseId ?? logicalId]),
    ),
    // cdktf's own outputs for other stacks are noise.
    section("outputs", stack.outputs.filter(({ name }) => !name.startsWith("cross-stack-output-")).map(outputRow)),
  ];
  return [title, ...sections.flat()].join("\n");
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0
    ? []
    : [`  ${title}`, ...columns(rows.map((row) => row.map(printable))).map((row) => `    ${row}`)];
}

function namespaceRow(namespace: Namespace): string[] {
  const { binding, bindingNames, managed, seedFiles, entries, ttlSeconds, description } = namespace;
  const facts = [
    ...(managed ? [] : ["exists already"]),
    ...(seedFiles.length > 0 ? [`${seedFiles.length} seed ${seedFiles.length === 1 ? "file" : "files"}`] : []),
    ...(entries.length > 0 ? [`${entries.length} managed ${entries.length === 1 ? "entry" : "entries"}`] : []),
    ...(description === undefined ? [] : [description]),
  ];
  return [binding ?? bindingNames.join(", "), namespaceLabel(namespace), ttlText(ttlSeconds), facts.join("; ")];
}

function workerRow(worker: Worker, isNamed: boolean): string[] {
  const shares = worker.versions.filter(({ percentage }) => percentage > 0);
  const how =
    worker.form === "script"
      ? "all at once"
      : shares.map(({ message, logicalId, percentage }) => `${message ?? logicalId} ${percentage} %`).join(", ");
  const crons = worker.crons.map((cron) => `cron ${cron}`);
  return [...(isNamed ? [worker.key ?? ""] : []), worker.name, how, [...workerUrls(worker), ...crons].join("  ")];
}

function outputRow({ name, value, sensitive }: Output): string[] {
  if (sensitive) return [name, "(sensitive)"];
  if (value === undefined) return [name, "(known after apply)"];
  return [name, typeof value === "string" ? value : JSON.stringify(value)];
}

function stackJson(stack: Stack): unknown {
  const { name, app, environment, developer, dependencies, databases, outputs, annotations } = stack;
  return {
    name,
    app,
    environment,
    developer,
    protected: stack.protected,
    dependencies,
    namespaces: stack.namespaces.map((namespace) => ({
      name: namespace.name,
      namespaceId: namespace.namespaceId,
      logicalId: namespace.logicalId,
      managed: namespace.managed,
      binding: namespace.binding,
      bindingNames: namespace.bindingNames,
      accountId: namespace.accountId,
      ttlSeconds: namespace.ttlSeconds,
      description: namespace.description,
      protected: namespace.protected,
      seedFiles: namespace.seedFiles.map((file) => relative(stack.directory, file)),
      managedEntries: namespace.entries.length,
    })),
    workers: stack.workers.map((worker) => ({
      name: worker.name,
      logicalId: worker.logicalId,
      key: worker.key,
      form: worker.form,
      versions: worker.versions.map((version) => ({
        logicalId: version.logicalId,
        message: version.message,
        percentage: version.percentage,
        compatibilityDate: version.compatibilityDate,
        bindings: version.bindings.map(({ name: binding, kind }) => ({ name: binding, kind })),
      })),
      urls: workerUrls(worker),
      crons: worker.crons,
    })),
    databases,
    outputs,
    annotations,
  };
}
