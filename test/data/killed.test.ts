import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Fault } from "../support/kv-api-server.js";
import type { DataRun } from "../support/data-run.js";
import { dataRunProgram } from "../support/data-run-program.js";
import { kvApi } from "../support/kv-api-target.js";
import { tempDirs } from "../support/temp-dir.js";

// Each run is a process that starts, and is killed, several times.
jest.setTimeout(180_000);

const temp = tempDirs();

const program = dataRunProgram();

const api = kvApi();

/** The same numbers on every machine: a linear congruential generator. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Everything that can go wrong with a request, now and then. */
function sometimes(random: () => number): Fault | undefined {
  const draw = random();
  if (draw < 0.05) return { kind: "answer", status: 429, headers: { "retry-after": "0" } };
  if (draw < 0.1) return { kind: "answer", status: 500 };
  if (draw < 0.15) return { kind: "drop", served: false };
  if (draw < 0.2) return { kind: "drop", served: true };
  if (draw < 0.25) return { kind: "cut" };
  if (draw < 0.35) return { kind: "partial", fails: () => random() < 0.01 };
  return undefined;
}

/** Runs again and again, killed at a random request each time, until a run comes to its end. Returns how many were killed. */
async function runUntilDone(run: Omit<DataRun, "baseUrl">, kills: number, random: () => number): Promise<number> {
  for (let killed = 0; ;) {
    const wanted = JSON.stringify({ ...run, baseUrl: api.server().baseUrl });
    const child: ChildProcess = spawn(process.execPath, [program, wanted], { stdio: ["ignore", "ignore", "pipe"] });
    const said: Buffer[] = [];
    child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
    let left = killed < kills ? Math.floor(random() * 12) : Infinity;
    api.server().fault = () => {
      // The request that is under way is served, or not, while its sender is gone.
      if (left-- === 0) child.kill("SIGKILL");
      return sometimes(random);
    };
    const [code] = (await once(child, "exit")) as [number | null];
    if (code === 0) return killed;
    if (code !== null) throw new Error(`the run ended with ${code}:\n${Buffer.concat(said).toString()}`);
    killed++;
  }
}

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${String(at).padStart(6, "0")}`, `v${at}`]));

describe("a run that is killed at any moment, on a network that fails", () => {
  it.each([1, 2])("seeds exactly the entries of its files in the end (%i)", async (seed) => {
    const to = api.server().addNamespace("to", { stray: "", k000001: "old" });
    const wanted = numbered(45_000);
    const file = temp.write(
      "seed.ndjson",
      Object.entries(wanted)
        .map(([key, value]) => JSON.stringify({ key, value }))
        .join("\n"),
    );
    const run = { what: "seed", from: "", to, file, journal: temp.path("journal") } as const;

    const killed = await runUntilDone(run, 4, randomNumbers(seed));

    expect(killed).toBeGreaterThan(0);
    expect(api.contents(to)).toEqual(wanted);
  });

  it("exports exactly what is there", async () => {
    const wanted = numbered(6000);
    const from = api.server().addNamespace("from", wanted);
    const file = temp.path("out.ndjson");

    const killed = await runUntilDone({ what: "export", from, to: "", file, journal: "" }, 5, randomNumbers(3));

    expect(killed).toBeGreaterThan(0);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const entries = lines.map((line) => JSON.parse(line) as { key: string; value: string });
    expect(entries.map(({ key, value }) => [key, value])).toEqual(Object.entries(wanted));
  });

  it("copies exactly what is there", async () => {
    const wanted = numbered(12_000);
    const from = api.server().addNamespace("from", wanted);
    const to = api.server().addNamespace("to");
    const run = { what: "copy", from, to, file: "", journal: temp.path("journal") } as const;

    const killed = await runUntilDone(run, 4, randomNumbers(4));

    expect(killed).toBeGreaterThan(0);
    expect(api.contents(to)).toEqual(wanted);
  });
});
