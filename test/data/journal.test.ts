import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Journal, type JournalHeader } from "../../src/data/journal.js";
import { withRunLock } from "../../src/data/run-lock.js";
import { tempDirs } from "../support/temp-dir.js";

const temp = tempDirs();
const header: JournalHeader = { version: 2, target: "t", source: "s", entries: 10 };

/** A journal that says 0 to 2 and 5 were accepted. Returns its path. */
async function written(): Promise<string> {
  const file = temp.path("runs", "journal");
  const journal = await Journal.open(file, header, false, () => undefined);
  await journal.accept([0, 1, 2]);
  await journal.accept([5]);
  await journal.close();
  return file;
}

async function accepted(file: string, expected = header): Promise<number[]> {
  const ordinals: number[] = [];
  const journal = await Journal.open(file, expected, true, (ordinal) => ordinals.push(ordinal));
  await journal.close();
  return ordinals;
}

describe("a journal", () => {
  it("gives back what was accepted, and can be continued", async () => {
    const file = await written();
    const journal = await Journal.open(file, header, true, () => undefined);
    await journal.accept([9]);
    await journal.close();

    expect(await accepted(file)).toEqual([0, 1, 2, 5, 9]);
  });

  it("is empty when it does not exist", async () => {
    expect(await accepted(temp.path("runs", "none"))).toEqual([]);
  });

  it("ends before a line that a kill cut off, however often that happens", async () => {
    const file = await written();
    for (const cut of ['{"run":"', '{"run"']) {
      writeFileSync(file, readFileSync(file, "utf8") + cut);
      expect(await accepted(file)).toEqual([0, 1, 2, 5]);
    }
  });

  const run = (file: string) => (JSON.parse(readFileSync(file, "utf8").split("\n")[0] ?? "") as { run: string }).run;

  it.each<[string, (run: string) => string]>([
    ["of another run", () => '{"run":"another","accepted":[[0,9]]}'],
    ["of no run", () => '{"accepted":[[0,9]]}'],
    ["past the last entry", (own) => JSON.stringify({ run: own, accepted: [[0, 10]] })],
    ["before the first entry", (own) => JSON.stringify({ run: own, accepted: [[-1, 2]] })],
    ["backwards", (own) => JSON.stringify({ run: own, accepted: [[3, 2]] })],
    ["of fractions", (own) => JSON.stringify({ run: own, accepted: [[0.5, 2]] })],
    ["of null", (own) => JSON.stringify({ run: own, accepted: [null] })],
    ["without ranges", (own) => JSON.stringify({ run: own, accepted: null })],
    ["that is null", () => "null"],
    ["that is empty", () => ""],
    ["of NUL bytes", () => "\0\0\0\0"],
    ["that is damaged", () => '{"run":'],
  ])("with a line %s is not believed", async (_, line) => {
    const file = await written();
    writeFileSync(file, `${readFileSync(file, "utf8")}${line(run(file))}\n`);

    await expect(accepted(file)).rejects.toMatchObject({
      code: "JOURNAL_BROKEN",
      hint: "run again without --resume: every entry is sent again",
      message: expect.stringContaining("line 4 is damaged or of another run") as string,
    });
  });

  it.each(["", "null\n", "[]\n", '{"version":2}\n', "\0\n"])("that begins with %j is not believed", async (text) => {
    const file = temp.write("journal", text);

    await expect(accepted(file)).rejects.toMatchObject({ code: "JOURNAL_BROKEN" });
  });

  it("of another target, source or number of entries is not continued", async () => {
    const file = await written();

    for (const other of [{ target: "u" }, { source: "u" }, { entries: 11 }]) {
      await expect(accepted(file, { ...header, ...other })).rejects.toMatchObject({ code: "SEED_JOURNAL_OTHER" });
    }
  });

  it("starts over without resume, and believes no line of the run before", async () => {
    const file = await written();
    const before = readFileSync(file, "utf8");
    const journal = await Journal.open(file, header, false, () => undefined);
    await journal.close();
    writeFileSync(file, `${readFileSync(file, "utf8")}${before.split("\n")[1] ?? ""}\n`);

    await expect(accepted(file)).rejects.toMatchObject({ code: "JOURNAL_BROKEN" });
  });
});

describe("the lock of a record", () => {
  it("keeps another run away while one is going on, and is gone after it", async () => {
    const record = temp.path("record");
    const second = async () => withRunLock(record, "cfkv seed", () => Promise.resolve());

    await withRunLock(record, "cfkv seed", async () => {
      await expect(second()).rejects.toMatchObject({
        code: "RUN_IN_PROGRESS",
        message: `cfkv seed (process id ${process.pid}) is already doing the same, with the record ${record}`,
      });
    });

    expect(existsSync(`${record}.lock`)).toBe(false);
    await second();
  });

  it("is released when a run fails, and taken over from a process that is gone", async () => {
    const record = temp.path("record");
    writeFileSync(`${record}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, name: "cfkv seed" }));

    await expect(withRunLock(record, "cfkv seed", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(existsSync(`${record}.lock`)).toBe(false);
  });
});
