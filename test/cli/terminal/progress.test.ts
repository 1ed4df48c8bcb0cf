import { Writable } from "node:stream";
import { type Channel, channel } from "../../../src/cli/terminal/channel.js";
import { clearBar, note, type ProgressReport, startProgress } from "../../../src/cli/terminal/progress.js";
import type { Progress } from "../../../src/data/target.js";

/** A stream that remembers what was written, and is a terminal or not. */
class Screen extends Writable {
  text = "";

  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  /** What a person sees: a line of a terminal is written over, and erased. */
  get lines(): string[] {
    // eslint-disable-next-line no-control-regex -- the sequences of terminals begin so
    const begun = this.text.replace(/\u001b[78]/g, "").split("\n");
    return begun.map((line) =>
      (line.split("\u001b[1G").at(-1) ?? "").replace("\u001b[0K", "").replace("\u001b[2K", ""),
    );
  }
}

interface Watched {
  readonly screen: Screen;
  readonly report: ProgressReport;
  readonly context: { readonly notes: Channel; readonly env: Record<string, string> };
  /** Lets seconds pass, then tells. */
  readonly after: (seconds: number, progress: Progress) => void;
}

const reports: ProgressReport[] = [];
beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  for (const report of reports.splice(0)) report.stop();
  jest.useRealTimers();
});

async function watched(isTTY: boolean, columns = 100, env: Record<string, string> = {}): Promise<Watched> {
  const screen = new Screen(isTTY, columns);
  const context = { notes: channel(screen, env), env };
  const report = await startProgress(context, "entries", screen);
  reports.push(report);
  const after = (seconds: number, progress: Progress): void => {
    jest.advanceTimersByTime(seconds * 1000);
    report.update(progress);
  };
  return { screen, report, context, after };
}

/** Lets a bar draw what it was told. */
const draw = (): void => jest.advanceTimersByTime(100);

const written = (done: number, total = 100_000): Progress => ({ doing: "written", done, total });

describe("progress into a file or a pipe", () => {
  it("is a line every ten seconds, with rate and remaining time", async () => {
    const { screen, after } = await watched(false);

    after(0, written(0));
    for (let second = 1; second <= 25; second++) after(1, written(second * 2000));

    expect(screen.text).toBe(
      "18000 of 100000 entries written, 1800/s, 46 s left\n38000 of 100000 entries written, 1900/s, 33 s left\n",
    );
  });

  it("counts the pace of this run alone, and of each thing it does", async () => {
    const { screen, after } = await watched(false);

    after(0, written(90_000));
    after(5, written(91_000));
    after(10, { doing: "read back", done: 100, total: 100_000 });
    after(5, { doing: "read back", done: 200, total: 100_000 });
    after(5, { doing: "read back", done: 200, total: 100_000 });

    expect(screen.lines).toEqual([
      "91000 of 100000 entries written, 100/s, 90 s left",
      "100 of 100000 entries read back",
      "",
    ]);
  });

  it("names no rest where the end is not known, and says that a slow request goes on", async () => {
    const { screen, after } = await watched(false);

    after(0, { doing: "exported", done: 0 });
    after(15, { doing: "exported", done: 30 });
    jest.advanceTimersByTime(15_000);

    expect(screen.lines).toEqual([
      "0 entries exported",
      "30 entries exported, 1.5/s",
      "30 entries exported, 1.0/s",
      "",
    ]);
  });

  it("is lines on a terminal that cannot write over a line", async () => {
    const { screen, after } = await watched(true, 100, { TERM: "dumb" });

    after(0, written(0));
    after(10, written(5));

    expect(screen.lines).toEqual(["0 of 100000 entries written", ""]);
  });
});

describe("progress on a terminal", () => {
  it("is a bar that is written over and gone at the end", async () => {
    const { screen, report, after } = await watched(true);

    after(0, written(0));
    after(10, written(25_000));
    draw();
    expect(screen.lines).toEqual(["[======------------------] 25000 of 100000 entries written, 2475/s, 31 s left"]);

    after(29.9, written(100_000));
    draw();
    expect(screen.lines).toEqual(["[========================] 100000 of 100000 entries written, 2494/s"]);

    report.stop();
    expect(screen.lines).toEqual([""]);
  });

  it.each([30, 40, 60, 79])("never takes more than a line of %i columns", async (columns) => {
    const { screen, after } = await watched(true, columns);

    after(0, written(0));
    after(10, written(25_000));
    draw();

    expect(screen.lines).toHaveLength(1);
    expect(screen.lines[0]?.length).toBeLessThanOrEqual(columns);
    expect(screen.lines[0]).toMatch(/^\[==------\] 25000 of 100000/);
  });

  it("stays below what is printed in the meantime, changed or not", async () => {
    const { screen, context, after } = await watched(true);

    after(0, written(0));
    note(context, "cloudflare asks to wait 30 s");

    expect(screen.lines).toEqual([
      "cloudflare asks to wait 30 s",
      "[------------------------] 0 of 100000 entries written",
    ]);
  });

  it("leaves nothing behind when the run is cut off", async () => {
    const { screen, context, after } = await watched(true);

    after(0, written(0));
    after(10, written(50_000));
    clearBar(context);
    note(context, "interrupted");

    expect(screen.lines).toEqual(["interrupted", ""]);
  });

  it("shows no bar before anything is known, nor once it is over, and colours nothing", async () => {
    const { screen, context, report, after } = await watched(true);

    note(context, "target: here");
    report.stop();
    after(10, written(1));
    draw();

    expect(screen.lines).toEqual(["target: here", ""]);
    // eslint-disable-next-line no-control-regex -- the sequences of colours end so
    expect(screen.text).not.toMatch(/\u001b\[\d+m/);
  });
});
