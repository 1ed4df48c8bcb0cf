import type { Worker } from "../assembly/index.js";
import type { Engine } from "./engine.js";
import type { EngineLog } from "./engine-types.js";

/** How a Worker did when it was asked once. */
export interface WorkerCheck {
  readonly worker: string;
  /** Of the response to `GET /`; absent when there was none. */
  readonly status?: number;
  /** Absent when it did well. */
  readonly problem?: string;
}

/** Milliseconds a Worker may take to answer. */
const PATIENCE_MS = 10_000;

/**
 * Requests `/` of a Worker. A response of 500 or above fails, and so does an exception that nobody caught, in the
 * handler or in what it left running.
 *
 * @param logs - what the runtime says; it grows while the Worker runs
 */
export async function checkWorker(engine: Engine, worker: Worker, logs: readonly EngineLog[]): Promise<WorkerCheck> {
  const before = logs.length;
  const { name } = worker;
  try {
    const response = await engine.dispatch(`http://${name.toLowerCase()}.localhost/`, {
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.text();
    const uncaught = logs.slice(before).find(isUncaught);
    const { status } = response;
    if (uncaught !== undefined) return { worker: name, status, problem: firstLine(uncaught.message) };
    return status < 500 ? { worker: name, status } : { worker: name, status, problem: firstLine(body) };
  } catch (error) {
    return { worker: name, problem: error instanceof Error ? firstLine(error.message) : String(error) };
  }
}

function isUncaught({ level, message }: EngineLog): boolean {
  return level === "error" && /^(?:workerd\/.*)?uncaught/i.test(message);
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 300) || "it answered nothing";
}
