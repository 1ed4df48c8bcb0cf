import type { Assembly, Stack, Worker } from "../../assembly/index.js";
import type { WorkerCheck } from "../../local/dev/check-worker.js";
import { CONTROL_PREFIX } from "../../local/dev/control.js";
import { DATA_FOLDER } from "../../local/dev/folder.js";
import type { DevServer, DevUpdate } from "../../local/dev/server.js";
import type { EngineLog, EngineRequest } from "../../local/engine/types.js";
import { columns } from "../terminal/columns.js";
import type { CommandContext } from "../command.js";
import type { Channel } from "../terminal/channel.js";

/** How requests and what Workers print are logged. */
export type LogForm = "text" | "json";

/** What is printed once a stack runs. */
export interface Ready {
  readonly assembly: Assembly;
  readonly stack: Stack;
  readonly server: DevServer;
  readonly options: { readonly json?: true; readonly ephemeral?: true };
  readonly wasNamed: boolean;
}

/** Prints the address of everything, with commands to copy. */
export function printReady(ready: Ready, { results }: Pick<CommandContext, "results">): void {
  const { stack, server, options } = ready;
  const workers = server.running?.workers ?? [];
  if (options.json === true) {
    results.json({
      stack: stack.name,
      url: server.url,
      explorer: server.explorerUrl,
      workers: workers.map((worker) => ({
        name: worker.name,
        url: server.workerUrl(worker.name),
        hosts: hostsOf(worker),
        crons: worker.crons.map((cron) => ({ cron, url: cronUrl(server, worker, cron) })),
      })),
    });
    return;
  }
  const rows = workers.flatMap((worker) => [
    [`curl ${server.workerUrl(worker.name)}/`, `# ${worker.name}`],
    ...hostsOf(worker).map((host) => [`curl -H 'Host: ${host}' ${server.url}/`, `# ${worker.name} by its host`]),
    ...worker.crons.map((cron) => [`curl -X POST '${cronUrl(server, worker, cron)}'`, `# cron ${cron}`]),
  ]);
  const data = options.ephemeral === true ? "not kept" : `kept in ${DATA_FOLDER}`;
  results.line(`${results.paint("bold", stack.name)} runs at ${results.paint("cyan", server.url)}${whyThis(ready)}\n`);
  for (const row of columns(rows)) results.line(`  ${row}`);
  results.line(`\n  KV explorer: ${server.explorerUrl}`);
  results.line(`  data: ${data}. Stop with Ctrl-C.`);
}

/** Prints differences from Cloudflare, and which seeds were loaded. */
export function printUpdate({ notes, seeded, migrated }: DevUpdate, channel: Channel): void {
  for (const note of notes) channel.line(`${channel.paint("yellow", "note")} ${note}`);
  for (const { database, applied } of migrated) {
    channel.line(`${channel.paint("green", "migrated")} ${database}: ${applied.join(", ")}`);
  }
  for (const { namespace, seeds, managed, changed } of seeded) {
    const what = [
      ...(managed > 0 ? [`${managed} managed by Terraform`] : []),
      ...(seeds > 0 ? [`${seeds} ${seeds === 1 ? "seed" : "seeds"}`] : []),
    ];
    if (what.length > 0) channel.line(`${channel.paint("green", "loaded")} ${what.join(" and ")} into ${namespace}`);
    if (changed)
      channel.line(
        `${channel.paint("yellow", "note")} the seed files of ${namespace} changed after they were loaded: use --reseed to load them again`,
      );
  }
}

/** One line of the request log. */
export function printRequest(request: EngineRequest, notes: Channel, log: LogForm): void {
  if (log === "json") {
    notes.line(JSON.stringify({ type: "request", ...request }));
    return;
  }
  const { pathname, search } = new URL(request.url);
  const status = notes.paint(
    request.status >= 500 ? "red" : request.status >= 400 ? "yellow" : "green",
    String(request.status),
  );
  const { worker, method, ms, kvOperations: kv } = request;
  const operations = kv === undefined ? "" : `, ${kv} KV ${kv === 1 ? "operation" : "operations"}`;
  notes.line(`${worker} ${method} ${pathname}${search} ${status} ${ms} ms${operations}`);
}

/** What a Worker printed, or workerd reported about it. */
export function printLog({ level, message, uncaught }: EngineLog, notes: Channel, log: LogForm): void {
  if (log === "json") {
    notes.line(JSON.stringify({ type: "log", level, message, ...(uncaught === true && { uncaught }) }));
    return;
  }
  const text = message.trimEnd();
  if (text === "") return;
  notes.line(level === "error" ? notes.paint("red", text) : level === "warn" ? notes.paint("yellow", text) : text);
}

/** The result of every Worker. */
export function printChecks(
  checks: readonly WorkerCheck[],
  { json }: { readonly json?: true },
  results: Channel,
): void {
  if (json === true) {
    results.json({ ok: checks.every(({ problem }) => problem === undefined), workers: checks });
    return;
  }
  if (checks.length === 0) results.line("the stack has no Workers: its namespaces were created and seeded");
  const rows = checks.map(({ worker, status, problem }) => [
    problem === undefined ? "ok" : "failed",
    worker,
    status === undefined ? (problem === undefined ? "takes no requests" : "no response") : String(status),
    problem ?? "",
  ]);
  for (const row of columns(rows)) results.line(row);
}

/** Explains the choice of the stack if the user named none and there are others. */
function whyThis({ assembly, stack, wasNamed }: Ready): string {
  const others = assembly.stacks.filter((each) => each.environment === stack.environment && each.name !== stack.name);
  if (wasNamed || others.length === 0) return "";
  const developers = others.flatMap(({ developer }) => developer ?? []);
  if (stack.developer === undefined || developers.length === 0) return "";
  return ` (the first developer's; also: --developer ${developers.join(", ")})`;
}

function hostsOf({ customDomains, routes }: Worker): string[] {
  const ofRoutes = routes.map((pattern) => pattern.replace(/^[a-z*]+:\/\//, "").split("/")[0] ?? "");
  return [...new Set([...customDomains, ...ofRoutes])].filter((host) => host !== "" && !host.includes("*"));
}

function cronUrl(server: DevServer, worker: Worker, cron: string): string {
  const query = new URLSearchParams({ cron }).toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
  return `${server.url}${CONTROL_PREFIX}cron/${encodeURIComponent(worker.name)}?${query}`;
}
