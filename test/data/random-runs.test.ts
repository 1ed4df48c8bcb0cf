import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import type { DataRun } from "../support/data-run.js";
import { dataRunProgram } from "../support/data-run-program.js";
import type { Fault, SeenRequest, StoredEntry } from "../support/kv-api-server.js";
import { kvApi } from "../support/kv-api-target.js";
import { tempDirs } from "../support/temp-dir.js";

/** `CFKV_RANDOM_RUNS=300` for the long suite; `CFKV_RANDOM_FIRST` begins with another one. */
const RUNS = Number(process.env["CFKV_RANDOM_RUNS"] ?? 30);
const FIRST = Number(process.env["CFKV_RANDOM_FIRST"] ?? 1);

// Each run starts, and kills, several processes.
jest.setTimeout(180_000);

const temp = tempDirs();
const program = dataRunProgram();

const api = kvApi();

/** The same numbers on every machine: a linear congruential generator. */
class Chance {
  constructor(private state: number) {}
  next(): number {
    return (this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
  one<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}

const MALFORMED = [
  "",
  "null",
  "{}",
  "[]",
  "<html>502</html>",
  '{"success":false}',
  '{"success":false,"errors":[{"code":10001,"message":"no"}],"result":null}',
  '{"success":true}',
  '{"success":true,"result":null}',
  '{"success":true,"result":{}}',
  '{"success":true,"result":"ok"}',
  '{"success":true,"result":{"successful_key_count":1,"unsuccessful_keys":[]}}',
  '{"success":true,"result":{"successful_key_count":0,"unsuccessful_keys":["stranger"]}}',
  '{"success":true,"result":{"values":{}}}',
  '{"success":true,"result":{"values":{"stranger":{"value":"x"}}}}',
  '{"success":true,"result":[{"name":5}]}',
] as const;
const RETRY_AFTER = ["0", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "0.001", ""] as const;

/** Everything that can go wrong with a request, now and then. */
function sometimes(chance: Chance, { path, query }: SeenRequest): Fault | undefined {
  const draw = chance.next();
  const listing = path.endsWith("/keys");
  // A single value is whatever bytes come, so no answer to that request is malformed.
  const isValue = path.includes("/values/");
  if (draw < 0.03) return { kind: "answer", status: 429, headers: { "retry-after": chance.one(RETRY_AFTER) } };
  if (draw < 0.06) return { kind: "answer", status: 503, headers: { "retry-after": chance.one(RETRY_AFTER) } };
  if (draw < 0.09) return { kind: "drop", served: chance.next() < 0.5 };
  if (draw < 0.11) return { kind: "cut" };
  if (draw < 0.16 && !isValue) return { kind: "malformed", body: chance.one(MALFORMED) };
  if (draw < 0.2 && listing && query.has("cursor")) return { kind: "answer", status: 400 };
  if (draw < 0.3 && listing) return { kind: "page", page: chance.one(["empty", "overlapping"]) };
  if (draw < 0.3 && path.endsWith("/bulk")) return { kind: "partial", fails: () => chance.next() < 0.1 };
  return undefined;
}

/** Starts before a run gets a network that works, and before it counts as one that never ends. */
const FAULTY_STARTS = 12;
const MAX_STARTS = 40;

/** Runs processes side by side until each came to its end, killed now and then. Calls back when one claims to be done. */
async function runAll(
  runs: readonly Omit<DataRun, "baseUrl">[],
  chance: Chance,
  onRequest: () => void,
  onDone: (run: number) => void,
): Promise<void> {
  const alive = new Set<ChildProcess>();
  let starts = 0;
  let kills = 2 + chance.below(4);
  let untilKill = chance.below(15);
  api.server().fault = (request) => {
    onRequest();
    if (kills > 0 && untilKill-- <= 0) {
      kills--;
      untilKill = chance.below(25);
      [...alive][chance.below(alive.size)]?.kill("SIGKILL");
    }
    return starts > FAULTY_STARTS * runs.length ? undefined : sometimes(chance, request);
  };
  const runOne = async (run: Omit<DataRun, "baseUrl">, number: number): Promise<void> => {
    for (;;) {
      if (++starts > MAX_STARTS * runs.length) throw new Error("a run never ends");
      const argument = JSON.stringify({ ...run, baseUrl: api.server().baseUrl });
      const child = spawn(process.execPath, [program, argument], { stdio: ["ignore", "ignore", "pipe"] });
      alive.add(child);
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const [code] = (await once(child, "close")) as [number | null];
      alive.delete(child);
      if (/JOURNAL_BROKEN|TypeError|RangeError|ReferenceError/.test(stderr)) throw new Error(stderr);
      if (code !== 0) continue;
      onDone(number);
      return;
    }
  };
  await Promise.all(runs.map(runOne));
}

const numbered = (prefix: string, count: number, value = "v") =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${prefix}${String(at).padStart(5, "0")}`, `${value}${at}`]),
  );

function ndjson(name: string, entries: Record<string, string>): string {
  const lines = Object.entries(entries).map(([key, value]) => JSON.stringify({ key, value }));
  return temp.write(name, lines.join("\n"));
}

const nothing = (): void => undefined;

/** One or two seeds into one namespace, of the same or of different files. */
async function seeds(chance: Chance): Promise<void> {
  const to = api.server().addNamespace("to", { stray: "", x00001: "old" });
  const [x, y] = [numbered("x", 50 + chance.below(900)), numbered("y", 50 + chance.below(900))];
  const alone = chance.next() < 0.4;
  const same = !alone && chance.next() < 0.4;
  const options = { verify: chance.next() < 0.5, prune: alone, pairsAtOnce: 20 + chance.below(80) };
  const wanted = [x, same ? x : y];
  const files = [ndjson("x.ndjson", x), same ? temp.path("x.ndjson") : ndjson("y.ndjson", y)];
  const runs = (alone ? [0] : [0, 1]).map(
    (at) =>
      ({
        what: "seed",
        from: "",
        to,
        file: files[at] ?? "",
        journal: temp.path(same ? "x.journal" : `${at}.journal`),
        ...options,
      }) as const,
  );
  await runAll(runs, chance, nothing, (at) => {
    // Nothing is claimed that is not there at that moment.
    expect(api.contents(to)).toMatchObject(wanted[at] ?? {});
  });
  expect(api.contents(to)).toEqual(alone ? x : { ...x, ...(same ? {} : y), stray: "" });
  expect(runs.some(({ journal }) => existsSync(journal) || existsSync(`${journal}.lock`))).toBe(false);
}

/** A value that says what belongs to it. */
function versioned(version: number): StoredEntry {
  const expiration = version % 3 === 0 ? undefined : 4_000_000_000 + version;
  return {
    value:
      version % 5 === 0 ? Buffer.concat([Buffer.from(`${version}:`), Buffer.of(0xff)]) : Buffer.from(`${version}:`),
    ...(version % 2 === 0 ? {} : { metadata: version }),
    ...(expiration === undefined ? {} : { expiration }),
  };
}

/** An export while entries are written: of each, one version. */
async function exports(chance: Chance): Promise<void> {
  const from = api.server().addNamespace("from");
  const entries = api.server().namespaces.get(from)?.entries ?? new Map<string, StoredEntry>();
  const keys = Object.keys(numbered("k", 50 + chance.below(700)));
  for (const key of keys) entries.set(key, versioned(chance.below(1000)));
  const file = temp.path("out.ndjson");
  const write = (): void => {
    for (let at = chance.below(20); at > 0; at--)
      entries.set(keys[chance.below(keys.length)] ?? "", versioned(chance.below(1000)));
  };
  await runAll([{ what: "export", from, to: "", file, journal: "" }], chance, write, nothing);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const found = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(found.map(({ key }) => key)).toEqual(keys);
  for (const { value, base64, metadata, expiration } of found) {
    const bytes = Buffer.from(String(value), base64 === true ? "base64" : "utf8");
    expect({ value: bytes, metadata, expiration }).toEqual(versioned(parseInt(bytes.toString("latin1"))));
  }
  expect(existsSync(`${file}.part`) || existsSync(`${file}.part.json`) || existsSync(`${file}.part.lock`)).toBe(false);
}

/** A copy of entries of every kind. */
async function copies(chance: Chance): Promise<void> {
  const [from, to] = [api.server().addNamespace("from"), api.server().addNamespace("to", { other: "stays" })];
  const source = api.server().namespaces.get(from)?.entries ?? new Map<string, StoredEntry>();
  for (const key of Object.keys(numbered("k", 50 + chance.below(700)))) source.set(key, versioned(chance.below(1000)));
  const options = { verify: chance.next() < 0.5, pairsAtOnce: 20 + chance.below(80) };
  const run = { what: "copy", from, to, file: "", journal: temp.path("copy.journal"), ...options } as const;
  await runAll([run], chance, nothing, nothing);
  const copied = new Map(api.server().namespaces.get(to)?.entries);
  expect(copied.get("other")?.value.toString()).toBe("stays");
  copied.delete("other");
  expect([...copied].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual([...source]);
}

describe("a run on a network that fails in every way, killed at any moment, beside another one", () => {
  const numbers = Array.from({ length: RUNS }, (_, at) => FIRST + at);
  const kinds = [seeds, exports, copies] as const;

  it.each(numbers)("loses nothing, doubles nothing, changes nothing and claims nothing (%i)", async (number) => {
    api.server().pageSize = 40;
    const chance = new Chance(number * 7919);
    await (kinds[number % kinds.length] ?? seeds)(chance);
  });
});
