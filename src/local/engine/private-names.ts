import { createHash } from "node:crypto";
import type { MiniflareWorker, ServiceTarget } from "./miniflare-worker.js";

/**
 * The names that Workers have inside the runtime. Nobody outside can know them, so nobody can address a Worker without
 * passing through the router, which refuses foreign hosts.
 */
export class PrivateNames {
  readonly #suffix: string;

  /** @param secret - the engine's; names do not reveal it, and stay the same as long as it does */
  constructor(secret: string) {
    this.#suffix = `~${createHash("sha256").update(secret).digest("hex").slice(0, 24)}`;
  }

  of(name: string): string {
    return name + this.#suffix;
  }

  /** The text with every name as users know it. */
  shown(text: string): string {
    return text.replaceAll(this.#suffix, "");
  }

  /** The Workers with private names, by which they also refer to each other. What is stored keeps its place. */
  given(workers: readonly MiniflareWorker[]): MiniflareWorker[] {
    const keys = storageKeys(workers);
    return workers.map((worker) => ({
      ...worker,
      name: this.of(worker.name),
      // Sent to other servers with each request.
      zone: `${worker.name}.example.com`,
      ...(worker.streamingTails && { streamingTails: worker.streamingTails.map((name) => this.of(name)) }),
      ...(worker.serviceBindings && {
        serviceBindings: mapValues(worker.serviceBindings, (target) => this.#target(target)),
      }),
      ...(worker.durableObjects && {
        durableObjects: mapValues(worker.durableObjects, (object) => {
          const { className, scriptName = worker.name } = object;
          const unsafeUniqueKey = keys.get(keyOf(scriptName, className)) ?? `${scriptName}-${className}`;
          return { ...object, ...(object.scriptName && { scriptName: this.of(scriptName) }), unsafeUniqueKey };
        }),
      }),
    }));
  }

  #target(target: ServiceTarget): ServiceTarget {
    if (typeof target === "string") return this.of(target);
    return typeof target === "function" ? target : { ...target, name: this.of(target.name) };
  }
}

/** What the objects of a class are stored under, if any binding to it says so. */
function storageKeys(workers: readonly MiniflareWorker[]): ReadonlyMap<string, string> {
  const objects = workers.flatMap(({ name, durableObjects = {} }) =>
    Object.values(durableObjects).map((object) => ({ scriptName: name, ...object })),
  );
  return new Map(
    objects.flatMap(({ scriptName, className, unsafeUniqueKey: key }): [string, string][] =>
      key === undefined ? [] : [[keyOf(scriptName, className), key]],
    ),
  );
}

function keyOf(scriptName: string, className: string): string {
  return JSON.stringify([scriptName, className]);
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
