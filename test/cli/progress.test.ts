import { Writable } from "node:stream";
import { channel } from "../../src/cli/output.js";
import { clearBar, note, type ProgressOptions, type ProgressReport, startProgress } from "../../src/cli/progress.js";
import type { Progress } from "../../src/data/target.js";

/** A stream that remembers what was written, and is a terminal or not. */
class Screen extends Writable {
  text = "";

  constructor(readonly isTTY: boolean) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  /** What a person sees: a line of a terminal is written over, and erased. */
  get lines(): string[] {
    const lines: string[] = [];
    for (const line of this.text.split("\n")) lines.push(line.split("\r\u001b[K").at(-1) ?? "");
    return lines;
  }
}

interface Watched {
  readonly screen: Screen;
  readonly report: ProgressReport;
  readonly context: { readonly notes: ReturnType<typeof channel>; readonly env: Record<string, string> };
  /** Lets seconds pass, then tells. */
  readonly after: (seconds: number, progress: Progress) => void;
}

const reports: ProgressReport[] = [];
afterEach(() => {
  for (const report of reports.splice(0)) report.stop();
});

function watched(isTTY: boolean, options: ProgressOptions = {}, env: Record<string, string> = {}): Watched {
  let now = 0;
  const screen = new Screen(isTTY);
  const context = { notes: channel(screen, env), env };
  const report = startProgress(context, "entries", { now: () => now, columns: () => 100, ...options });
  reports.push(report);
  const after = (seconds: number, progress: Progress): void => {
    now += seconds * 1000;
    report.update(progress);
  };
  return { screen, report, context, after };
}

const written = (done: number, total = 100_000): Progress => ({ doing: "written", done, total });

describe("progress into a file or a pipe", () => {
  it("is a line every ten seconds, with rate and remaining time", () => {
    const { screen, after } = watched(false);

    after(0, written(0));
    for (let second = 1; second <= 25; second++) after(1, written(second * 2000));

    expect(screen.text).toBe(
      "20000 of 100000 entries written, 2000/s, 40 s left\n40000 of 100000 entries written, 2000/s, 30 s left\n",
    );
  });

  it("counts the pace of this run alone, and of each thing it does", () => {
    const { screen, after } = watched(false);

    after(0, written(90_000));
    after(10, written(91_000));
    after(10, { doing: "read back", done: 100, total: 100_000 });
    after(10, { doing: "read back", done: 200, total: 100_000 });

    expect(screen.lines).toEqual([
      "91000 of 100000 entries written, 100/s, 90 s left",
      "100 of 100000 entries read back",
      "200 of 100000 entries read back, 10/s, 2 h 47 min left",
      "",
    ]);
  });

  it("names no rest where the end is not known, and no pace where nothing was done", () => {
    const { screen, after } = watched(false);

    after(0, { doing: "exported", done: 0 });
    after(10, { doing: "exported", done: 0 });
    after(10, { doing: "exported", done: 30 });

    expect(screen.lines).toEqual(["0 entries exported", "30 entries exported, 1.5/s", ""]);
  });

  it("is lines on a terminal that cannot write over a line", () => {
    const { screen, after } = watched(true, {}, { TERM: "dumb" });

    after(0, written(0));
    after(10, written(5));

    expect(screen.text).not.toContain("\r");
  });
});

describe("progress on a terminal", () => {
  it("is a bar that is written over and gone at the end", () => {
    const { screen, report, after } = watched(true);

    after(0, written(0));
    after(10, written(25_000));
    expect(screen.lines).toEqual(["[======------------------] 25000 of 100000 entries written, 2500/s, 30 s left"]);

    after(30, written(100_000));
    expect(screen.lines).toEqual(["[========================] 100000 of 100000 entries written, 2500/s, 0 s left"]);

    report.stop();
    expect(screen.lines).toEqual([""]);
  });

  it("never takes more than a line, however narrow it is", () => {
    for (const columns of [20, 40, 60, 79]) {
      const { screen, after } = watched(true, { columns: () => columns });

      after(0, written(0));
      after(10, written(25_000));

      expect(screen.lines).toHaveLength(1);
      expect(screen.lines[0]?.length).toBeLessThan(Math.max(columns, 21));
      expect(screen.lines[0]).toContain("25000 of 100000");
    }
  });

  it("stays below what is said meanwhile", () => {
    const { screen, context, after } = watched(true);

    after(0, written(0));
    after(10, written(50_000));
    note(context, "cloudflare asks to wait 30 s");

    expect(screen.lines).toEqual([
      "cloudflare asks to wait 30 s",
      "[============------------] 50000 of 100000 entries written, 5000/s, 10 s left",
    ]);
  });

  it("leaves nothing behind when the run is cut off", () => {
    const { screen, context, after } = watched(true);

    after(0, written(0));
    after(10, written(50_000));
    clearBar(context);
    note(context, "interrupted");

    expect(screen.lines).toEqual(["interrupted", ""]);
  });

  it("shows no bar before anything is known, and colours nothing", () => {
    const { screen, context, report, after } = watched(true);

    note(context, "target: here");
    report.stop();
    after(10, written(1));

    expect(screen.lines[0]).toBe("target: here");
    // eslint-disable-next-line no-control-regex -- the sequences of colours begin so
    expect(screen.text).not.toMatch(/\u001b\[\d/);
  });
});
