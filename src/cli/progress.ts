import type { Progress } from "../data/target.js";
import type { CommandContext } from "./command.js";

/** Tells how far a run is: a bar on a terminal, else a line every ten seconds. */
export interface ProgressReport {
  readonly update: (progress: Progress) => void;
  readonly stop: () => void;
}

const LINE_EVERY_MS = 10_000;

/**
 * Begins to tell.
 *
 * @param doing - what is counted, as in `entries written`
 */
export async function startProgress({ notes }: CommandContext, doing: string): Promise<ProgressReport> {
  if (notes.isTerminal && process.stderr.isTTY) return startBar(doing);
  const started = performance.now();
  let told = started;
  return {
    update: (progress) => {
      const now = performance.now();
      if (now - told < LINE_EVERY_MS) return;
      told = now;
      notes.line(progressLine(progress, doing, (now - started) / 1000));
    },
    stop: () => undefined,
  };
}

/** `40000 of 100000 entries written, 2000/s, 30 s left`. */
export function progressLine({ done, total }: Progress, doing: string, seconds: number): string {
  const rate = done / Math.max(seconds, 0.001);
  const left = total === undefined || rate === 0 ? "" : `, ${Math.ceil((total - done) / rate)} s left`;
  return `${done}${total === undefined ? "" : ` of ${total}`} ${doing}, ${Math.round(rate)}/s${left}`;
}

async function startBar(doing: string): Promise<ProgressReport> {
  const { SingleBar, Presets } = await import("cli-progress");
  const bar = new SingleBar(
    {
      format: `{bar} {value}/{total} ${doing} {rate}/s {eta_formatted} left`,
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    },
    Presets.legacy,
  );
  const started = performance.now();
  bar.start(0, 0, { rate: 0 });
  return {
    update: ({ done, total = done }) => {
      bar.setTotal(total);
      bar.update(done, { rate: Math.round(done / Math.max(0.001, (performance.now() - started) / 1000)) });
    },
    stop: () => bar.stop(),
  };
}
