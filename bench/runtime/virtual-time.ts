import { seeded } from "./random.js";

/**
 * Runs asynchronous code in virtual time, where chance repeats itself: timers fire in order, as soon as nothing else is
 * left to do.
 */
export async function inVirtualTime(work: (now: () => number) => Promise<void>): Promise<void> {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now };
  const { random } = Math;
  /** What fires at each time; ids of those that were cleared are left out when their time comes. */
  const due = new Map<number, { id: number; fire: () => void }[]>();
  const cleared = new Set<number>();
  let times: number[] = [];
  let now = Date.UTC(2026, 0, 1);
  let ids = 0;
  const setTimer = (callback: (...args: unknown[]) => void, delay = 0, ...args: unknown[]) => {
    const at = now + Math.max(0, Math.round(delay));
    const timer = { id: ++ids, fire: () => callback(...args) };
    const others = due.get(at);
    if (others !== undefined) others.push(timer);
    else {
      due.set(at, [timer]);
      // Latest first; most timers are set for soon, near the end.
      let index = times.length;
      while (index > 0 && (times[index - 1] ?? 0) < at) index--;
      times.splice(index, 0, at);
    }
    return timer.id;
  };
  globalThis.setTimeout = setTimer as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((id: number) => void cleared.add(id)) as unknown as typeof clearTimeout;
  Date.now = () => now;
  Math.random = seeded(1);
  try {
    const state = { finished: false };
    const done = work(() => now).finally(() => (state.finished = true));
    for (;;) {
      // All promises that can go on do so before the next macrotask.
      await new Promise((resolve) => setImmediate(resolve));
      const next = times.pop();
      if (state.finished || next === undefined) break;
      now = next;
      const firing = due.get(next) ?? [];
      due.delete(next);
      for (const { id, fire } of firing) if (!cleared.delete(id)) fire();
    }
    times = [];
    await done;
  } finally {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.now;
    Math.random = random;
  }
}
