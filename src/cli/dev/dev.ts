import { join } from "node:path";
import { chooseStack, readAssembly, type Assembly, type Stack } from "../../assembly/index.js";
import type { Entry } from "../../data/entry.js";
import { isLoopback } from "../../local/dev/access.js";
import { checkWorker } from "../../local/dev/check-worker.js";
import { DATA_FOLDER } from "../../local/dev/folder.js";
import type { ReadSeeds } from "../../local/dev/seeds.js";
import { startDev, type DevServer } from "../../local/dev/server.js";
import type { EngineLog } from "../../local/engine/types.js";
import { devVarsFiles, readDevVars } from "../../local/dev/vars.js";
import type { CommandContext } from "../command.js";
import { DEV_PORT, type DevOptions } from "../commands/dev.js";
import { type LogForm, printChecks, printLog, printReady, printRequest, printUpdate } from "./report.js";
import { DevSession } from "./session.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { stalenessOf, synthesizeStale } from "../app/synth.js";

/** `cfkv dev`: runs a stack in workerd, and again after every change. */
export async function devCommand(
  name: string | undefined,
  options: DevOptions,
  command: CommandContext,
): Promise<void> {
  // The app neither writes cfkv.lock.json nor fails because of it: missing names become a warning.
  const context: CommandContext = { ...command, env: { ...command.env, CFKV_DEV: "1" } };
  const started = performance.now();
  const port = portOf(options);
  const log = logOf(options);
  const project = readProject(context, options.output);
  // A folder named on the command line is the user's: it is not overwritten.
  const mayWrite = options.output === undefined && project.app !== undefined;
  const read = (): { assembly: Assembly; stack: Stack } => {
    const assembly = readAssembly(project.output);
    const wish = { ...(name && { name }), ...(options.developer && { developer: options.developer }) };
    return { assembly, stack: chooseStack(assembly, wish) };
  };
  const vars = (stack: Stack): Map<string, string> => readDevVars(devVarsFiles(project.directory, stack.environment));

  if (!mayWrite) read();
  const logs: EngineLog[] = [];
  const starting = startDev({
    port,
    hosts: options.host.map((name) => name.toLowerCase()),
    ...(options.ip === undefined ? {} : { ip: options.ip }),
    ...(options.ephemeral === true || options.once === true
      ? {}
      : { dataFolder: join(project.directory, DATA_FOLDER) }),
    // The sources of a folder named on the command line are unknown.
    ...(options.output === undefined ? { sources: project.directory } : {}),
    reseed: options.reseed ?? false,
    readSeeds,
    onRequest: (request) => printRequest(request, context.notes, log),
    onLog: (entry) => {
      if (options.once === true) logs.push(entry);
      printLog(entry, context.notes, log);
    },
  });
  const staleness = mayWrite ? stalenessOf(project, context) : Promise.resolve(undefined);
  staleness.catch(() => undefined);
  // A port or a data folder that is in use is reported before the app runs, which takes seconds.
  const server = await starting;
  try {
    const stale = await staleness;
    if (stale !== undefined) await synthesizeStale(project, context, stale);
    const { assembly, stack } = read();
    if (options.ip !== undefined && !isLoopback(options.ip)) {
      const what = `listening on ${options.ip}: other machines can reach the Workers`;
      context.notes.line(`${context.notes.paint("yellow", "warning")} ${what}`);
    }
    printUpdate(await server.update(assembly, stack, vars(stack)), context.notes);
    if (options.once === true) {
      await checkAll(server, logs, options, context);
      return;
    }
    if (!mayWrite && options.output === undefined) {
      context.notes.line(
        "note cdktf.json names no app: a change of the stack is seen once the assembly is written again",
      );
    }
    const session = new DevSession({ project, server, context, read, vars, mayWrite });
    await session.start();
    const interrupted = context.interrupted();
    printReady({ assembly, stack, server, options, wasNamed: (name ?? options.developer) !== undefined }, context);
    context.notes.line(context.notes.paint("dim", `ready in ${Math.round(performance.now() - started)} ms`));
    await interrupted;
    await session.stop();
  } finally {
    await server.dispose();
  }
}

async function checkAll(
  server: DevServer,
  logs: readonly EngineLog[],
  options: DevOptions,
  context: CommandContext,
): Promise<void> {
  const checks = [];
  for (const worker of server.running?.workers ?? []) checks.push(await checkWorker(server.engine, worker, logs));
  printChecks(checks, options, context.results);
  if (checks.some(({ problem }) => problem !== undefined)) context.finishWith(1);
}

function logOf({ log = "text" }: DevOptions): LogForm {
  if (log === "text" || log === "json") return log;
  throw new UsageError(`--log must be text or json, got '${log}'`, "see: cfkv dev --help");
}

/** `--once` must not fail because another `cfkv dev` is running. */
function portOf({ port, once }: DevOptions): number {
  if (port === undefined) return once === true ? 0 : DEV_PORT;
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port);
  throw new UsageError(`--port must be a number from 0 to 65535, got '${port}'`, "see: cfkv dev --help");
}

/** The readers of seed files are needed once per data folder, so they are loaded only then. */
async function* readSeeds(...[files, options]: Parameters<ReadSeeds>): AsyncGenerator<Entry> {
  const { readEntries } = await import("../../data/entries.js");
  yield* readEntries(files, options);
}
