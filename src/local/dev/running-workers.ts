import type { Assembly, Stack, Worker, WorkerVersion } from "../../assembly/index.js";
import type { RunningVersion } from "./worker-builds.js";

/** The Worker at the bare address: the set's `worker` beside its `workers`, else the first that no other one calls. */
export function frontWorker(workers: readonly Worker[]): Worker | undefined {
  const single = workers.filter(({ key }) => key === undefined);
  if (single.length === 1 && single.length < workers.length) return single[0];
  const called = new Set(workers.flatMap((worker) => calledBy(worker, workers)));
  return workers.find(({ name }) => !called.has(name)) ?? workers[0];
}

/** The versions that run when a stack does. */
export function versionsOf(assembly: Assembly, stack: Stack): RunningVersion[] {
  return withCalledWorkers(assembly, stack).flatMap((worker) =>
    runningVersions(worker).map((version) => ({ worker, version })),
  );
}

/** The versions that get traffic, or the last one while no deployment gives traffic to any. */
export function runningVersions({ versions }: Worker): readonly WorkerVersion[] {
  const deployed = versions.filter(({ percentage }) => percentage > 0);
  return deployed.length > 0 ? deployed : versions.slice(-1);
}

/** The Workers of a stack, then those of other stacks that they call. */
export function withCalledWorkers(assembly: Assembly, stack: Stack): Worker[] {
  const all = assembly.stacks.flatMap(({ workers }) => workers);
  const byName = new Map(all.map((worker) => [worker.name, worker]));
  const found = new Map(stack.workers.map((worker) => [worker.name, worker]));
  // The map grows during the iteration: Workers that a called Worker calls are added too.
  for (const worker of found.values()) {
    for (const name of calledBy(worker, all)) {
      const called = byName.get(name);
      if (called !== undefined && !found.has(name)) found.set(name, called);
    }
  }
  return [...found.values()];
}

/** The names of the Workers that a Worker calls, or sends messages to. */
function calledBy(worker: Worker, all: readonly Worker[]): string[] {
  const bindings = runningVersions(worker).flatMap((version) => version.bindings);
  return bindings.flatMap((binding) => {
    if (binding.kind === "service") return binding.worker;
    if (binding.kind !== "other" || binding.type !== "queue") return [];
    const queue = binding.attributes["queue_name"];
    const consumers = all.filter(
      ({ name, queues }) => name !== worker.name && queues.some((each) => each.queue === queue),
    );
    return consumers.map(({ name }) => name);
  });
}
