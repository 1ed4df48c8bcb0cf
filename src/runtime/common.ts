import { type KvError, toKvError } from "./errors.js";

/** Keeps work alive after the response: `ctx.waitUntil.bind(ctx)`, or `waitUntil` of `cloudflare:workers`. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** Told about each failure that was survived: log it. */
export type Hook = (error: KvError) => void;

/** Options of every class. */
export interface Common {
  /**
   * The time in milliseconds since 1970.
   *
   * @default Date.now
   */
  now?: () => number;

  /**
   * Takes work that must outlive the response.
   *
   * @default - such work is awaited in the request, because what nobody waits for is lost
   */
  waitUntil?: WaitUntil;

  /**
   * Called with each failure that was survived. It must not throw.
   *
   * @default - the first of each code in an isolate is logged as a warning
   */
  onError?: Hook;
}

const warned = /* @__PURE__ */ new Set<string>();

/** Tells about a failure that was survived: a cache that never works would otherwise go unseen. */
export function tell({ onError }: Common, error: KvError): void {
  if (onError !== undefined) {
    onError(error);
  } else if (!warned.has(error.code)) {
    warned.add(error.code);
    // eslint-disable-next-line no-console -- a Worker has no other place to say it
    console.warn(`${error.code}: ${error.message}`);
  }
}

/** Runs a write that the answer does not depend on: after the response where possible, else now. Never rejects. */
export function runLater(options: Common, write: () => Promise<void>): Promise<void> | undefined {
  const { waitUntil } = options;
  const done = write()
    // KV takes one write a second per key. Waiting is fine here and nowhere else: the response is already out.
    .catch(async (cause: unknown) => {
      if (waitUntil === undefined || toKvError("put", undefined, cause).code !== "RATE_LIMITED") throw cause;
      await delay(1000 + Math.random() * 500);
      await write();
    })
    .catch((cause: unknown) => tell(options, toKvError("put", undefined, cause)));
  if (waitUntil === undefined) return done;
  waitUntil(done);
  return undefined;
}

/** Resolves after some milliseconds. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const states = new WeakMap<object, Map<string, unknown>>();

/**
 * What an isolate remembers about a binding. It hangs on the binding, which lives as long as the isolate,
 * so that objects made anew in each request still share it.
 */
export function isolateState<State>(binding: object, name: string, make: () => State): State {
  let ofBinding = states.get(binding);
  if (ofBinding === undefined) states.set(binding, (ofBinding = new Map<string, unknown>()));
  if (!ofBinding.has(name)) ofBinding.set(name, make());
  return ofBinding.get(name) as State;
}

/** Adds to a map that must not grow past `max`: the oldest goes. */
export function remember<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key);
  if (map.size >= max) {
    const oldest = map.keys().next();
    if (oldest.done !== true) map.delete(oldest.value);
  }
  map.set(key, value);
}

/** Runs `work` over all items, at most `width` at a time. */
export async function pool<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
