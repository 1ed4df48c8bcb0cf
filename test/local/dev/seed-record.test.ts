import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { addToSeedRecord, readSeedRecord } from "../../../src/local/dev/seed-record.js";
import { tempDirs } from "../../support/temp-dir.js";

// Two processes start, on machines that do other things beside.
jest.setTimeout(60_000);

const dirs = tempDirs();
const tsx = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;
const record = pathToFileURL(resolve("src/local/dev/seed-record.ts")).href;

describe("the record of what was loaded", () => {
  it("keeps what two processes add at the same time", async () => {
    const folder = dirs.path();
    const program = (who: string) => `
      import { addToSeedRecord } from ${JSON.stringify(record)};
      for (let at = 0; at < 40; at++) await addToSeedRecord(${JSON.stringify(folder)}, { seeds: { [${JSON.stringify(who)} + at]: "x" } });`;
    const start = (who: string) =>
      promisify(execFile)(process.execPath, ["--import", tsx, "--input-type=module", "--eval", program(who)]);

    await Promise.all([start("dev"), start("seed")]);

    const expected = ["dev", "seed"].flatMap((who) => Array.from({ length: 40 }, (_, at) => `${who}${at}`));
    expect(Object.keys((await readSeedRecord(folder)).seeds).sort()).toEqual(expected.sort());
  });

  it("keeps what one process adds several times at once, of both kinds", async () => {
    const folder = dirs.path();

    await Promise.all([
      addToSeedRecord(folder, { seeds: { a: "1" } }),
      addToSeedRecord(folder, { managed: { a: "2" } }),
      addToSeedRecord(folder, { seeds: { b: "3" } }),
    ]);

    expect(await readSeedRecord(folder)).toEqual({ seeds: { a: "1", b: "3" }, managed: { a: "2" } });
  });
});
