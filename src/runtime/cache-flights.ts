import { remember } from "./common.js";
import { KvError } from "./errors.js";

/** One load that several callers wait for. */
export interface Flight {
  promise: Promise<unknown>;
  /** When to stop waiting for it: its request may be gone, and then it never ends. */
  deadline: number;
  /** Deleted or written meanwhile: what it loads is too old to be stored. */
  fenced: boolean;
  tags: readonly string[];
}

/** The loads under way in this isolate, by stored key. */
export class Flights {
  private readonly flights = new Map<string, Flight>();

  constructor(private readonly maxFlights = 1000) {}

  /** The flight under way, unless it is past its deadline. */
  live(key: string, now: number): Flight | undefined {
    const flight = this.flights.get(key);
    return flight !== undefined && now < flight.deadline ? flight : undefined;
  }

  add(key: string, flight: Flight, now: number): void {
    for (const [old, { deadline }] of this.flights) {
      if (deadline > now) break;
      this.flights.delete(old);
    }
    remember(this.flights, key, flight, this.maxFlights);
  }

  /** Forgets a flight, unless another has taken its place. */
  remove(key: string, flight: Flight): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
  }

  /** Makes sure that no load which began before now is stored or handed out. */
  fence(touches: (key: string, flight: Flight) => boolean): void {
    for (const [key, flight] of this.flights) {
      if (!touches(key, flight)) continue;
      flight.fenced = true;
      this.flights.delete(key);
    }
  }

  fenceKey(key: string): void {
    const flight = this.flights.get(key);
    if (flight === undefined) return;
    flight.fenced = true;
    this.flights.delete(key);
  }
}

const MAX_TIMER = 2 ** 31 - 1;

/** What `promise` gives within some milliseconds of this request's own time, else what `late` does. */
export function within<T>(promise: Promise<T>, milliseconds: number, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(Promise.resolve().then(late)), Math.min(milliseconds, MAX_TIMER));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Runs a loader, aborting its signal and throwing `LOADER_TIMEOUT` when it takes too long. */
export function limited<T>(load: (signal: AbortSignal) => T | Promise<T>, seconds: number): Promise<T> {
  const controller = new AbortController();
  const work = Promise.resolve().then(() => load(controller.signal));
  return within(work, seconds * 1000, () => {
    const error = new KvError("LOADER_TIMEOUT", "load", `the loader took more than ${seconds} seconds`, {
      retryable: true,
    });
    controller.abort(error);
    throw error;
  });
}
