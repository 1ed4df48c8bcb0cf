import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { symlinkSync } from "node:fs";
import { checkEntries, EntriesError, placedEntries, type ReadOptions } from "../../src/data/entries.js";
import type { Entry } from "../../src/data/entry.js";
import { NOT_UTF8 } from "../../src/data/read-chunks.js";
import { tempDirs } from "../support/temp-dir.js";

const temp = tempDirs();

async function entriesOf(file: string, options: ReadOptions = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const placed of placedEntries(await checkEntries([file], options)))
    entries.push(...placed.map(({ entry }) => entry));
  return entries;
}

async function problemsOf(file: string, options: ReadOptions = {}): Promise<string[]> {
  const error: unknown = await checkEntries([file], options).catch((caught: unknown) => caught);
  if (!(error instanceof EntriesError)) throw new Error("expected an EntriesError", { cause: error });
  return error.problems.map(({ position: { line, index }, problem }) => `${line ?? index ?? "file"}: ${problem}`);
}

/** "für" and "€" as Excel on Windows writes them. */
const windows1252 = (text: string) => Buffer.from(text.replaceAll("€", "\u0080"), "latin1");

describe("a file of text", () => {
  it.each([
    ["csv", "key,value\nok,1\nfür,x\n", 3],
    ["yaml", "- key: ok\n  value: a\n- key: für\n  value: x\n", 3],
    ["ndjson", '{"key":"ok","value":""}\n{"key":"für","value":""}\n', 2],
    ["json", '[{"key":"ok","value":""},{"key":"für","value":""}]', 1],
  ])("that is not UTF-8 is refused with its line, and read with its encoding: %s", async (format, text, place) => {
    const file = temp.write(`a.${format}`, windows1252(text));

    expect(await problemsOf(file)).toEqual([`${place}: ${NOT_UTF8}`]);
    const entries = await entriesOf(file, { encoding: "windows-1252" });
    expect(entries.map(({ key }) => key)).toEqual(["ok", "für"]);
  });

  it("that is not UTF-8 is refused however far down", async () => {
    const rows = Array.from({ length: 40_000 }, (_, at) => `key-${at},${"x".repeat(60)}`);
    rows[39_000] = "ü,x";

    expect(await problemsOf(temp.write("a.csv", windows1252(`key,value\n${rows.join("\n")}\n`)))).toEqual([
      `39002: ${NOT_UTF8}`,
    ]);
  });

  it("reads windows-1252 as Windows writes it, not as Latin 1", async () => {
    const file = temp.write("a.csv", windows1252("key,value\nprice,5 €\n"));

    expect(await entriesOf(file, { encoding: "windows-1252" })).toEqual([{ key: "price", value: "5 €" }]);
  });

  it.each(["csv", "yaml", "ndjson", "json"])("may be UTF-16 with a byte order mark: %s", async (format) => {
    const text = {
      csv: "key,value\né😀,1\n",
      yaml: "- key: é😀\n  value: '1'\n",
      ndjson: '{"key":"é😀","value":"1"}\n',
      json: '[{"key":"é😀","value":"1"}]',
    }[format];
    const little = Buffer.from(`\uFEFF${text ?? ""}`, "utf16le");

    expect(await entriesOf(temp.write(`le.${format}`, little))).toEqual([{ key: "é😀", value: "1" }]);
    expect(await entriesOf(temp.write(`be.${format}`, Buffer.from(little).swap16()))).toEqual([
      { key: "é😀", value: "1" },
    ]);
  });

  it("is refused when it is not in the encoding that was named", async () => {
    const file = temp.write(
      "a.csv",
      Buffer.concat([Buffer.from("\uFEFFkey,value\n", "utf16le"), Buffer.of(0, 0xd8, 0x41)]),
    );

    expect(await problemsOf(file)).toEqual(["file: not valid utf-16le: set the file's encoding with --encoding"]);
  });
});

describe("CSV", () => {
  it.each([
    ["semicolons", "key;value;metadata\na;1,5;\n"],
    ["tabs", "key\tvalue\tmetadata\na\t1,5\t\n"],
    ["semicolons and quotes", '"key";"value"\r\n"a";"1,5"\r\n'],
  ])("with %s is recognised by its header row", async (_, text) => {
    expect(await entriesOf(temp.write("a.csv", text))).toEqual([{ key: "a", value: "1,5" }]);
  });

  it("is recognised by columns, not by what is inside the name of one", async () => {
    expect(await problemsOf(temp.write("a.csv", 'key;value;"unit, value, note"\na;1;2\n'))).toEqual([
      "1: unknown column 'unit, value, note': the columns are key, value, base64, expiration, expiration_ttl, metadata",
    ]);
  });

  it("has lines that end with line feeds alone, not with the vertical tabs of spreadsheets", async () => {
    expect(await entriesOf(temp.write("a.csv", "key;\vvalue\na;1\n"))).toEqual([{ key: "a", value: "1" }]);
  });

  it("with another delimiter is read when it is named", async () => {
    expect(await entriesOf(temp.write("a.csv", "key|value\na|1,5\n"), { delimiter: "|" })).toEqual([
      { key: "a", value: "1,5" },
    ]);
  });

  it("keeps a value of many megabytes on one line", async () => {
    const value = "é,".repeat(2_000_000);

    expect(await entriesOf(temp.write("a.csv", `key,value\na,"${value}"\n`))).toEqual([{ key: "a", value }]);
  });
});

describe("a map of keys to values", () => {
  const expected = [
    { key: "a", value: "1" },
    { key: "key", value: "x" },
    { key: "__proto__", value: "{}" },
  ];

  it("is read from JSON and YAML, with keys of any name", async () => {
    const json = temp.write("a.json", '{ "a": "1", "key": "x", "__proto__": "{}" }');
    const yaml = temp.write("a.yaml", 'a: "1"\nkey: x\n__proto__: "{}"\n');

    expect(await entriesOf(json)).toEqual(expected);
    expect(await entriesOf(yaml)).toEqual(expected);
    expect(await entriesOf(temp.write("b.yaml", "007: x\n1.0: y\n"))).toEqual([
      { key: "007", value: "x" },
      { key: "1.0", value: "y" },
    ]);
  });

  it("has a problem for a value that is no string, and for a key that stands twice", async () => {
    expect(await problemsOf(temp.write("a.json", '{"a":1,"b":"x","b":"y"}'))).toEqual([
      "0: value must be a string, got a number: --json-values stores it as JSON",
      `2: key 'b' is also at ${temp.path("a.json")}: item 1`,
    ]);
  });
});

describe("values that are not strings", () => {
  const values = { a: 1, b: true, c: null, d: { e: [1, "é"] }, s: "text" };
  const stored = ["1", "true", "null", '{"e":[1,"é"]}', "text"];

  it("are stored as JSON when that is wanted, from every format that has them", async () => {
    const list = Object.entries(values).map(([key, value]) => ({ key, value }));
    const files = {
      "map.json": JSON.stringify(values),
      "list.json": JSON.stringify(list),
      "list.ndjson": list.map((each) => JSON.stringify(each)).join("\n"),
      "map.yaml": JSON.stringify(values),
      "list.yaml": JSON.stringify(list),
    };

    for (const [name, text] of Object.entries(files)) {
      const entries = await entriesOf(temp.write(name, text), { jsonValues: true });
      expect(entries.map(({ value }) => value)).toEqual(stored);
    }
  });

  it.each(["json", "ndjson"])("nested thousands of levels deep are a problem: %s", async (format) => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const entry = (field: string) => `{"key":"${field}","value":"","${field}":${deep}}`;
    const text = format === "json" ? `[${entry("metadata")}]` : entry("metadata");

    expect(await problemsOf(temp.write(`a.${format}`, text))).toEqual([
      expect.stringMatching(/: metadata (is nested too deeply|must have at most 1024 bytes)/) as string,
    ]);
    const value = `{"key":"a","value":${deep}}`;
    expect(
      await problemsOf(temp.write(`b.${format}`, format === "json" ? `[${value}]` : value), { jsonValues: true }),
    ).toEqual([expect.stringContaining("value is nested too deeply") as string]);
  });

  it("in YAML nested thousands of levels deep are a problem", async () => {
    const deep = `- key: a\n  value: ""\n  metadata: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`;

    expect(await problemsOf(temp.write("a.yaml", deep))).toHaveLength(1);
  });
});

describe("a directory", () => {
  it("leaves out what begins with a dot, and says so, unless it is wanted", async () => {
    temp.write("site/index.html", "x");
    temp.write("site/.git/config", "x");
    temp.write("site/.env", "SECRET=1");
    temp.write("site/a/.DS_Store", "x");

    const checked = await checkEntries([temp.path("site")]);
    const all = await checkEntries([temp.path("site")], { hidden: true });

    expect([checked.count, checked.warnings]).toEqual([1, []]);
    expect(checked.hidden).toEqual([".env", ".git", "a/.DS_Store"].map((name) => temp.path("site", name)));
    expect([all.count, all.hidden]).toEqual([4, []]);
    expect(all.warnings).toEqual([`${temp.path("site", ".env")} holds environment variables, probably secrets`]);
  });

  it("warns of an environment's file by whatever name, and of no other", async () => {
    for (const name of ["prod.env", ".env.local", ".dev.vars", "environment.txt", "a.envelope"])
      temp.write(`d/${name}`, "");

    const { warnings } = await checkEntries([temp.path("d")], { hidden: true });

    expect(warnings.map((warning) => /([^/]*) holds/.exec(warning)?.[1])).toEqual([
      ".dev.vars",
      ".env.local",
      "prod.env",
    ]);
  });

  it("has a problem for a pipe, a socket and a link, and opens none of them", async () => {
    temp.write("d/file", "x");
    execFileSync("mkfifo", [temp.path("d", "pipe")]);
    symlinkSync(temp.path("d", "file"), temp.path("d", "link"));
    const server = createServer().listen(temp.path("d", "socket"));
    try {
      expect(await problemsOf(temp.path("d"))).toEqual(
        Array.from({ length: 3 }, () => "file: must be a regular file: links, pipes and devices are not read"),
      );
    } finally {
      server.close();
    }
  });
});

describe("a path", () => {
  it("of a pipe or a device is refused at once", async () => {
    execFileSync("mkfifo", [temp.path("pipe.json")]);
    symlinkSync("/dev/zero", temp.path("zero.ndjson"));

    for (const name of ["pipe.json", "zero.ndjson"]) {
      await expect(checkEntries([temp.path(name)])).rejects.toMatchObject({
        code: "SEED_FILE_UNREADABLE",
        message: `'${temp.path(name)}' cannot be read: it is a pipe, a socket or a device`,
      });
    }
  });

  it("with a NUL character is refused", async () => {
    await expect(checkEntries([temp.path("a\0.json")])).rejects.toMatchObject({ code: "SEED_FILE_UNREADABLE" });
  });
});

describe("files that change between their checking and their sending", () => {
  const large = (value: string) =>
    Array.from({ length: 20 }, (_, at) => JSON.stringify({ key: `k${at}`, value: value.repeat(1_000_000) })).join("\n");

  it("are sent as they were checked when they are small", async () => {
    const file = temp.write("a.ndjson", '{"key":"a","value":"1"}');
    const checked = await checkEntries([file]);
    temp.write("a.ndjson", '{"key":"a","value":"2"}');

    for await (const placed of placedEntries(checked)) expect(placed.map(({ entry }) => entry.value)).toEqual(["1"]);
  });

  it("are noticed when they are large, though every entry is valid", async () => {
    const file = temp.write("a.ndjson", large("a"));
    const checked = await checkEntries([file]);
    temp.write("a.ndjson", large("b"));

    const read = async () => {
      for await (const placed of placedEntries(checked)) expect(placed).toBeDefined();
    };
    await expect(read()).rejects.toMatchObject({ code: "SEED_FILE_CHANGED" });
  });
});
