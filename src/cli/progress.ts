import type { Progress } from "../data/target.js";
import type { CommandContext } from "./command.js";
import type { Channel } from "./output.js";

/** Tells how far a run is: a bar on a terminal, else a line every ten seconds. */
export interface ProgressReport {
  readonly update: (progress: Progress) => void;
  /** Takes the bar away. */
  readonly stop: () => void;
}

/** Time and the size of the terminal, which tests make up. */
export interface ProgressOptions {
  /** Milliseconds. @default - the machine's clock */
  readonly now?: () => number;
  /** @default - those of stderr */
  readonly columns?: () => number;
}

const LINE_EVERY_MS = 10_000;
const BAR_EVERY_MS = 100;
const BAR_WIDTH = 24;
const ERASE_LINE = "\r\u001b[K";

/** Bars that are drawn at the moment: whatever else is printed there must come before them. */
const drawn = new WeakMap<Channel, { readonly clear: () => void; readonly draw: () => void }>();

/** Prints a line of what happens during a run, above the bar if there is one. */
export function note({ notes }: Pick<CommandContext, "notes">, text: string): void {
  const bar = drawn.get(notes);
  bar?.clear();
  notes.line(text);
  bar?.draw();
}

/** Takes a bar away before the process ends. */
export function clearBar({ notes }: Pick<CommandContext, "notes">): void {
  drawn.get(notes)?.clear();
  drawn.delete(notes);
}

/**
 * Begins to tell.
 *
 * @param things - what is counted, as in `entries`
 */
export function startProgress(
  { notes, env }: Pick<CommandContext, "notes" | "env">,
  things: string,
  { now = () => performance.now(), columns = () => process.stderr.columns || 80 }: ProgressOptions = {},
): ProgressReport {
  const pace = new Pace(things, now);
  const bar = notes.isTerminal && env["TERM"] !== "dumb";
  let told = now();
  let stopped = false;
  const draw = (): void => {
    if (pace.begun) notes.write(`${ERASE_LINE}${barLine(pace, Math.max(20, columns() - 1))}`);
  };
  const tell = (every: number): void => {
    if (stopped || now() - told < every) return;
    told = now();
    if (bar) draw();
    else if (pace.begun) notes.line(pace.words().join(", "));
  };
  if (bar) drawn.set(notes, { clear: () => notes.write(ERASE_LINE), draw });
  // A request may take longer than ten seconds: then nothing else says that the run goes on.
  const timer = setInterval(() => tell(bar ? BAR_EVERY_MS : LINE_EVERY_MS), 1000);
  timer.unref();
  return {
    update: (progress) => {
      pace.update(progress);
      tell(bar ? BAR_EVERY_MS : LINE_EVERY_MS);
    },
    stop: () => {
      stopped = true;
      clearInterval(timer);
      clearBar({ notes });
    },
  };
}

/** How fast a run is, from the first that was heard of it; anew for each thing it does. */
class Pace {
  private progress: Progress | undefined;
  private first = 0;
  private started = 0;

  constructor(
    private readonly things: string,
    private readonly now: () => number,
  ) {}

  get begun(): boolean {
    return this.progress !== undefined;
  }

  /** From 0 to 1, when it is known. */
  get part(): number | undefined {
    const { done = 0, total = 0 } = this.progress ?? {};
    return total === 0 ? undefined : Math.min(1, done / total);
  }

  update(progress: Progress): void {
    if (progress.doing !== this.progress?.doing) {
      // What an interrupted run did before says nothing about the pace of this one.
      this.first = progress.done;
      this.started = this.now();
    }
    this.progress = progress;
  }

  /** `40000 of 100000 entries written`, `2000/s`, `30 s left`: what is known of it. */
  words(): string[] {
    const { doing = "", done = 0, total } = this.progress ?? {};
    const rate = (done - this.first) / Math.max(0.001, (this.now() - this.started) / 1000);
    const count = total === undefined ? String(done) : `${done} of ${total}`;
    const words = [`${count} ${this.things} ${doing}`];
    if (rate <= 0) return words;
    words.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`);
    if (total !== undefined) words.push(`${duration((total - done) / rate)} left`);
    return words;
  }
}

/** The bar where there is room for it, and as many of the words as fit. */
function barLine(pace: Pace, width: number): string {
  const words = pace.words();
  while (words.length > 1 && words.join(", ").length > width) words.pop();
  const text = words.join(", ");
  const { part } = pace;
  if (part === undefined || text.length + BAR_WIDTH + 3 > width) return text.slice(0, width);
  const full = Math.round(part * BAR_WIDTH);
  return `[${"=".repeat(full)}${"-".repeat(BAR_WIDTH - full)}] ${text}`;
}

/** `45 s`, `12 min`, `3 h 20 min`. */
function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
