import { setTimeout as wait } from "node:timers/promises";
import type { Worker } from "../../assembly/index.js";
import type { Engine } from "../engine/engine.js";
import type { EngineLog } from "../engine/types.js";

/** How a Worker did when it was asked once. */
export interface WorkerCheck {
  readonly worker: string;
  /** Of the response to `GET /`; absent when there was none, or when the Worker takes no requests. */
  readonly status?: number;
  /** Absent when it did well. */
  readonly problem?: string;
}

/** Milliseconds a Worker may take to answer. */
const PATIENCE_MS = 10_000;

/** Milliseconds that what goes on after a response, in `waitUntil` and timers, has to fail in. */
const AFTERMATH_MS = 200;

/** What the runtime answers for a Worker that has other handlers only. */
const NO_FETCH_HANDLER = "Handler does not export a fetch() function";

/**
 * Requests `/` of a Worker. A response of 500 or above fails: an exception that nobody catches gives one. A Worker
 * that takes no requests is asked to run its first cron, if it has one; that it started is enough otherwise. What it
 * throws soon after its response fails too.
 *
 * @param logs - what the engine tells while this goes on
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
  return text.trim().split("\n")[0]?.slice(0, 300) || "it answered nothing";
}
