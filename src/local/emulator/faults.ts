import { InputError } from "../../errors.js";

/** An injected failure. It applies to requests to the API, never to Workers. */
export interface Fault {
  /** Limits it to an HTTP method. */
  readonly method?: string;
  /** Limits it to paths that contain this, such as `/values/`. */
  readonly path?: string;
  /** How often it happens before it is used up. @default - without limit */
  readonly times?: number;
  /** How many requests pass before each time it happens: 2 means every third request fails. @default 0 */
  readonly skip?: number;

  /** Answers with this HTTP status instead: 429, or 500 to 599. */
  readonly status?: number;
  /** The seconds in the header `Retry-After`. */
  readonly retryAfter?: number;
  /** `false` sends the header `x-should-retry: false`. */
  readonly shouldRetry?: boolean;
  /** Milliseconds to wait before the request is handled. */
  readonly latency?: number;
  /** Closes the connection without an answer. */
  readonly drop?: boolean;
  /** Share of a bulk operation's entries that fail, above 0 to 1. */
  readonly partial?: number;
  /** Seconds after a write during which reads still return the previous value, at most 60. */
  readonly stale?: number;
}

const NUMBERS: Readonly<Record<string, readonly [field: keyof Fault, min: number, max: number]>> = {
  times: ["times", 1, Infinity],
  skip: ["skip", 0, Infinity],
  status: ["status", 400, 599],
  "retry-after": ["retryAfter", 0, 86_400],
  latency: ["latency", 0, 600_000],
  partial: ["partial", 0, 1],
  stale: ["stale", 0, 60],
};

const GRAMMAR =
  "faults are rules with ';' between them, each of method=, path=, times=, skip= and one or more of status=, " +
  "retry-after=, should-retry=false, latency=, drop, partial=, stale=, such as 'status=429,retry-after=1,times=2'";

/**
 * Reads `status=429,retry-after=1,times=2; latency=200,path=/values/`.
 *
 * @throws InputError `FAULTS_INVALID` with the grammar
 */
export function parseFaults(spec: string): Fault[] {
  const rules = spec.split(";").map((rule) => rule.trim());
  return rules.filter((rule) => rule !== "").map(parseFault);
}

function parseFault(rule: string): Fault {
  const fault: Record<string, unknown> = {};
  for (const word of rule.split(",").map((each) => each.trim())) {
    const [name = "", value] = word.split(/=(.*)/s);
    const number = NUMBERS[name];
    if (number !== undefined) {
      const [field, min, max] = number;
      const amount = Number(value);
      if (!value || !(amount >= min && amount <= max)) invalid(`${name} must be from ${min} to ${max}, got '${word}'`);
      fault[field] = amount;
    } else if (name === "drop" && value === undefined) fault.drop = true;
    else if (name === "should-retry" && value === "false") fault.shouldRetry = false;
    else if (name === "method" && value) fault.method = value.toUpperCase();
    else if (name === "path" && value) fault.path = value;
    else invalid(`unknown word '${word}'`);
  }
  const { status, latency, drop, partial, stale } = fault;
  if ([status, latency, drop, partial, stale].every((effect) => effect === undefined)) {
    invalid(`'${rule}' does nothing`);
  }
  return fault;
}

function invalid(reason: string): never {
  throw new InputError("FAULTS_INVALID", `invalid fault: ${reason}`, GRAMMAR);
}

/** The faults that are set, and how often each has happened. */
export class Faults {
  #rules: { readonly fault: Fault; seen: number; happened: number }[] = [];

  constructor(faults: readonly Fault[] = []) {
    this.set(faults);
  }

  /** Replaces the current faults; an empty list removes them all. */
  set(faults: readonly Fault[]): void {
    this.#rules = faults.map((fault) => ({ fault, seen: 0, happened: 0 }));
  }

  list(): readonly (Fault & { readonly happened: number })[] {
    return this.#rules.map(({ fault, happened }) => ({ ...fault, happened }));
  }

  /** The longest staleness of the faults, in seconds. */
  get staleSeconds(): number {
    return Math.max(0, ...this.#rules.map(({ fault }) => fault.stale ?? 0));
  }

  /** The effects on this request, which is counted. */
  strike(method: string, path: string): Fault {
    const struck = this.#rules.filter((rule) => {
      const { fault } = rule;
      if (fault.method !== undefined && fault.method !== method) return false;
      if (fault.path !== undefined && !path.includes(fault.path)) return false;
      if (rule.happened >= (fault.times ?? Infinity)) return false;
      const passes = rule.seen++ % ((fault.skip ?? 0) + 1) !== (fault.skip ?? 0);
      if (passes) return false;
      rule.happened++;
      return true;
    });
    return Object.assign({}, ...struck.map(({ fault }) => fault)) as Fault;
  }
}
