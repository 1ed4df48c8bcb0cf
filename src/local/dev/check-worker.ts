import { setTimeout as wait } from "node:timers/promises";
import type { Worker } from "../../assembly/index.js";
import type { Engine } from "../engine/engine.js";
import type { EngineLog } from "../engine/types.js";

/** The result of one request to a Worker. */
export interface WorkerCheck {
  readonly worker: string;
  /** Of the response to `GET /`; absent when there was none, or when the Worker has no fetch handler. */
  readonly status?: number;
  /** Absent on success. */
  readonly problem?: string;
}

/** How many milliseconds a Worker may take to respond. */
const PATIENCE_MS = 10_000;

/** How many milliseconds after a response failures in `waitUntil` and timers still count. */
const AFTERMATH_MS = 200;

/** workerd's error for a Worker that has only other handlers. */
const NO_FETCH_HANDLER = "Handler does not export a fetch() function";

/**
 * Requests `/` of a Worker. A response of 500 or above fails: an uncaught exception causes one. A Worker without a
 * fetch handler runs its first cron, if it has one; otherwise it only has to start. An exception soon after the
 * response is a failure too.
 *
 * @param logs - the engine's log during the check
 */
export async function checkWorker(engine: Engine, worker: Worker, logs: readonly EngineLog[]): Promise<WorkerCheck> {
  const before = logs.length;
  const check = await askWorker(engine, worker);
  if (check.problem !== undefined) return check;
  await wait(AFTERMATH_MS);
  const uncaught = logs.slice(before).find((entry) => entry.uncaught === true);
  return uncaught === undefined ? check : { ...check, problem: `after its response: ${firstLine(uncaught.message)}` };
}

async function askWorker(engine: Engine, worker: Worker): Promise<WorkerCheck> {
  const { name } = worker;
  try {
    const response = await engine.dispatch(`http://${name.toLowerCase()}.localhost/`, {
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.text();
    const { status } = response;
    if (status >= 500 && body.includes(NO_FETCH_HANDLER)) return await checkCron(engine, worker);
    return status < 500 ? { worker: name, status } : { worker: name, status, problem: firstLine(body) };
  } catch (error) {
    return { worker: name, problem: error instanceof Error ? firstLine(error.message) : String(error) };
  }
}

async function checkCron(engine: Engine, { name, crons: [cron] }: Worker): Promise<WorkerCheck> {
  if (cron === undefined) return { worker: name };
  const { outcome } = await engine.scheduled(name, cron);
  return outcome === "ok" ? { worker: name } : { worker: name, problem: `cron ${cron}: ${firstLine(outcome)}` };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 300) || "it did not respond";
}
