import type { Options } from "cli-progress";
import type { Progress } from "../../data/target.js";
import type { CommandContext } from "../command.js";
import type { Channel } from "./channel.js";

/** Shows the progress of a run: a bar on a terminal, otherwise a line every ten seconds. */
export interface ProgressReport {
  readonly update: (progress: Progress) => void;
  /** Removes the bar. */
  readonly stop: () => void;
}

/** A line of a terminal that is redrawn. */
interface Drawing {
  readonly begin: () => void;
  readonly end: () => void;
}

const LINE_EVERY_MS = 10_000;

/** The bars on the screen: any other output must come before them. */
const drawn = new WeakMap<Channel, Drawing>();

/** Prints a line during a run, above the bar if there is one. */
export function note({ notes }: Pick<CommandContext, "notes">, text: string): void {
  const bar = drawn.get(notes);
  bar?.end();
  notes.line(text);
  bar?.begin();
}

/** Removes a bar before the process ends. */
export function clearBar({ notes }: Pick<CommandContext, "notes">): void {
  drawn.get(notes)?.end();
  drawn.delete(notes);
}

/**
 * Starts showing progress.
 *
 * @param things - what is counted, as in `entries`
 * @param stream - the terminal of `notes`
 */
export async function startProgress(
  { notes, env }: Pick<CommandContext, "notes" | "env">,
  things: string,
  stream: NonNullable<Options["stream"]> & { readonly columns?: number } = process.stderr,
): Promise<ProgressReport> {
  const pace = new Pace(things);
  if (!notes.isTerminal || env["TERM"] === "dumb") return startLines(notes, pace);
  const { SingleBar } = await import("cli-progress");
  const words = {
    get words() {
      return pace.words().join(", ");
    },
  };
  let bar: (Drawing & { readonly update: () => void }) | undefined;
  let stopped = false;
  const draw = () => {
    const isBar = pace.part !== undefined;
    const single = new SingleBar({
      stream,
      barsize: (stream.columns ?? 80) < 80 ? 8 : 24,
      clearOnComplete: true,
      // A long line is cut off, and the terminal's settings stay unchanged.
      linewrap: true,
      // Redrawn below a note, changed or not.
      forceRedraw: true,
      format: isBar ? "[{bar}] {words}" : "{words}",
    });
    const part = () => pace.part ?? 0;
    return {
      begin: () => single.start(1, part(), words),
      update: () => single.update(part()),
      end: () => single.stop(),
    };
  };
  return {
    update: (progress) => {
      pace.update(progress);
      bar?.update();
      if (bar !== undefined || stopped) return;
      bar = draw();
      bar.begin();
      drawn.set(notes, bar);
    },
    stop: () => {
      stopped = true;
      clearBar({ notes });
    },
  };
}

function startLines(notes: Channel, pace: Pace): ProgressReport {
  // A request may take longer than ten seconds: without these lines the run would look stuck.
  const timer = setInterval(() => {
    if (pace.begun) notes.line(pace.words().join(", "));
  }, LINE_EVERY_MS);
  timer.unref();
  return { update: (progress) => pace.update(progress), stop: () => clearInterval(timer) };
}

/** The rate of a run, measured separately for each thing it does. */
class Pace {
  private progress: Progress | undefined;
  private first = 0;
  private started = 0;

  constructor(private readonly things: string) {}

  get begun(): boolean {
    return this.progress !== undefined;
  }

  /** From 0 to 1, when it is known. */
  get part(): number | undefined {
    const { done = 0, total = 0 } = this.progress ?? {};
    return total < done || total === 0 ? undefined : Math.min(1, done / total);
  }

  update(progress: Progress): void {
    if (progress.doing !== this.progress?.doing) {
      // What an earlier, interrupted run did does not count towards this one's rate.
      this.first = progress.done;
      this.started = performance.now();
    }
    this.progress = progress;
  }

  /** `40000 of 100000 entries written`, `2000/s`, `30 s left`: as much as is known. */
  words(): string[] {
    const { doing = "", done = 0, total } = this.progress ?? {};
    const rate = (done - this.first) / Math.max(0.001, (performance.now() - this.started) / 1000);
    const count = total === undefined || total < done ? String(done) : `${done} of ${total}`;
    const words = [`${count} ${this.things} ${doing}`];
    if (rate <= 0) return words;
    words.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`);
    // Counts may be estimates, and the end of a wait for the last few cannot be predicted.
    if (total !== undefined && total > done) words.push(`${duration((total - done) / rate)} left`);
    return words;
  }
}

/** `45 s`, `12 min`, `3 h 20 min`. */
function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
