import { type Entry, entryBytes } from "../../src/data/entry.js";
import { EntriesError, readEntries } from "../../src/data/entries.js";
import { NOT_UTF8 } from "../../src/data/read-chunks.js";
import * as KV_LIMITS from "../../src/kv/limits.js";
import { tempDirs } from "../support/temp-dir.js";

// Values up to KV's limit are read, on machines that do other things too.
jest.setTimeout(60_000);

const temp = tempDirs();
const now = 1_800_000_000;

async function entriesOf(...files: string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of readEntries(files, { now })) entries.push(entry);
  return entries;
}

/** The problems of the files, each as `<name>:<line>: <problem>`, without the directory. */
async function problemsOf(...files: string[]): Promise<string[]> {
  const error: unknown = await entriesOf(...files).catch((caught: unknown) => caught);
  if (!(error instanceof EntriesError)) throw new Error("expected an EntriesError", { cause: error });
  expect(error.code).toBe("ENTRIES_INVALID");
  return error.problems.map(({ position: { file, line, index }, problem }) => {
    const name = file.slice(temp.path("x").length - 1);
    const place = line === undefined ? (index === undefined ? "" : `[${index}]`) : `:${line}`;
    return `${name}${place}: ${problem}`;
  });
}

const everyField = [
  { key: "plain", value: "text" },
  { key: "bytes", value: "AP8=", base64: true },
  { key: "later", value: "", expiration: now + 3600 },
  { key: "brief", value: 'é\n"x"', expiration_ttl: 60, metadata: { owner: "web", tags: [1, null] } },
];
const everyEntry = [
  { key: "plain", value: "text" },
  { key: "bytes", value: "AP8=", base64: true },
  { key: "later", value: "", expiration: now + 3600 },
  { key: "brief", value: 'é\n"x"', expirationTtl: 60, metadata: { owner: "web", tags: [1, null] } },
];

describe("a file of entries", () => {
  it("is read the same from JSON, NDJSON, CSV and YAML", async () => {
    const json = temp.write("a.json", JSON.stringify(everyField, null, 2));
    const ndjson = temp.write("a.ndjson", everyField.map((each) => JSON.stringify(each)).join("\r\n\n"));
    const csv = temp.write(
      "a.csv",
      [
        "key,value,base64,expiration,expiration_ttl,metadata",
        "plain,text,,,,",
        "bytes,AP8=,true,,,",
        `later,,,${now + 3600},,`,
        'brief,"é\n""x""",,,60,"{""owner"":""web"",""tags"":[1,null]}"',
      ].join("\n"),
    );
    const yaml = temp.write("a.yml", JSON.stringify(everyField));

    expect(await entriesOf(json)).toEqual(everyEntry);
    expect(await entriesOf(ndjson)).toEqual(everyEntry);
    expect(await entriesOf(csv)).toEqual(everyEntry);
    expect(await entriesOf(yaml)).toEqual(everyEntry);
  });

  it("may begin with a byte order mark", async () => {
    const content = '{"key":"a","value":"1"}';
    const files = [
      temp.write("a.json", `\uFEFF[${content.replace("a", "j")}]`),
      temp.write("a.ndjson", `\uFEFF${content.replace("a", "n")}`),
      temp.write("a.csv", "\uFEFFkey,value\nc,1"),
    ];

    expect((await entriesOf(...files)).map(({ key }) => key)).toEqual(["j", "n", "c"]);
  });

  it.each(["ndjson", "json", "csv", "yaml"])("holds no entries when it is empty: %s", async (format) => {
    for (const content of ["", "\n \n", "\uFEFF"])
      expect(await entriesOf(temp.write(`empty.${format}`, content))).toEqual([]);
  });

  it("may hold an empty list, an empty map, or a header row alone", async () => {
    const files = {
      "a.json": " [ ] ",
      "b.json": "{ }",
      "a.yaml": "[]",
      "b.yaml": "{}",
      "c.yaml": "# none",
      "a.csv": "key,value",
    };

    for (const [name, content] of Object.entries(files)) expect(await entriesOf(temp.write(name, content))).toEqual([]);
  });

  it.each(["a.json", "a.ndjson"])("larger than one chunk keeps its order and text: %s", async (name) => {
    const entries = Array.from({ length: 3000 }, (_, at) => ({ key: `k/${at}\\"`, value: `é,]}"\\${"x".repeat(at)}` }));
    const lines = entries.map((entry) => JSON.stringify(entry));
    const file = temp.write(name, name === "a.json" ? `[${lines.join(",\n")}]` : lines.join("\n"));

    expect(await entriesOf(file)).toEqual(entries);
  });

  it("is refused when its extension says nothing", async () => {
    await expect(entriesOf(temp.write("a.txt", ""))).rejects.toMatchObject({ code: "SEED_FILE_UNKNOWN" });
  });

  it("is refused when it does not exist", async () => {
    await expect(entriesOf(temp.path("none.json"))).rejects.toMatchObject({
      code: "SEED_FILE_UNREADABLE",
      message: `'${temp.path("none.json")}' cannot be read (ENOENT)`,
    });
  });
});

describe("a directory of entries", () => {
  it("takes the path of each file for its key and the bytes for its value", async () => {
    temp.write("seed/index.html", "<p>é");
    temp.write("seed/img/logo.png", Uint8Array.of(0x89, 0x50, 0xff));
    temp.write("seed/a b/c?#", "");

    const entries = await entriesOf(temp.path("seed"));

    expect(entries.map(({ key }) => key)).toEqual(["a b/c?#", "img/logo.png", "index.html"]);
    expect(entries.map((entry) => [...entryBytes(entry)])).toEqual([
      [],
      [0x89, 0x50, 0xff],
      [0x3c, 0x70, 0x3e, 0xc3, 0xa9],
    ]);
  });
});

describe("a problem of an entry", () => {
  it("is reported when the expiration is in milliseconds", async () => {
    const file = temp.write("ms.ndjson", JSON.stringify({ key: "a", value: "", expiration: now * 1000 }));

    await expect(entriesOf(file)).rejects.toMatchObject({
      problems: [{ problem: `expiration must be seconds since 1970, got ${now}000: milliseconds?` }],
    });
  });

  it("stands in the order of the lines, a repeated key among the others", async () => {
    const lines = ['{"key":"a","value":""}', '{"key":"a","value":""}', "{"];
    const file = temp.write("order.ndjson", lines.join("\n"));

    const error = (await entriesOf(file).catch((caught: unknown) => caught)) as EntriesError;

    expect(error.problems.map(({ position }) => position.line)).toEqual([2, 3]);
  });

  it("names its line or its index, and every rule that is broken", async () => {
    const broken = [
      { key: "", value: "x" },
      { key: "é".repeat(257), value: "x" },
      { key: "..", value: 5 },
      { key: "ok", value: "not base64!", base64: true },
      { key: "old", value: "", expiration: now + 59, metadata: "m".repeat(1023) },
      { key: "both", value: "", expiration: now + 60, expiration_ttl: 59 },
      { key: "\ud800", value: "\udfff", ttl: 60 },
      { value: "", base64: 1, expiration: "soon", expiration_ttl: 60.5 },
      null,
      ["a", "b"],
    ];
    const expected = [
      "key must not be empty",
      "key must have at most 512 UTF-8 bytes, got 514",
      "key must not be '..': Cloudflare reads it as a path",
      "value must be a string, got a number: --json-values stores it as JSON",
      "value must be base64 with padding, because base64 is true",
      "expiration must be at least 60 seconds ahead (1800000060), got 1800000059",
      "metadata must have at most 1024 bytes as JSON, got 1025",
      "expiration_ttl must be 60 to 2147483647 seconds, got 59",
      "set either expiration or expiration_ttl, not both",
      "unknown field 'ttl': an entry has key, value, base64, expiration, expiration_ttl, metadata",
      "key must be well-formed Unicode, got a lone surrogate",
      "value must be well-formed Unicode, got a lone surrogate: write the bytes as base64",
      "key must be a string, got nothing",
      "base64 must be true or false, got a number",
      "expiration must be whole seconds since 1970, got a string",
      "expiration_ttl must be a whole number of seconds, got 60.5",
      "set either expiration or expiration_ttl, not both",
      "an entry must be an object with key and value, got null",
      "an entry must be an object with key and value, got an array",
    ];
    const places = [0, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 7, 7, 8, 9];
    const json = temp.write("a.json", JSON.stringify(broken));
    const ndjson = temp.write("a.ndjson", broken.map((each) => JSON.stringify(each)).join("\n"));

    expect(await problemsOf(json)).toEqual(expected.map((problem, at) => `a.json[${places[at]}]: ${problem}`));
    expect(await problemsOf(ndjson)).toEqual(
      expected.map((problem, at) => `a.ndjson:${(places[at] ?? 0) + 1}: ${problem}`),
    );
  });

  it("is found for a value over 25 MiB, counted in bytes that are stored", async () => {
    const { maxValueBytes: max } = KV_LIMITS;
    const file = temp.write(
      "a.ndjson",
      [
        { key: "fits", value: "x".repeat(max) },
        { key: "text", value: "é".repeat(max / 2 + 1) },
        { key: "bytes", value: Buffer.alloc(max + 1).toString("base64"), base64: true },
      ]
        .map((each) => JSON.stringify(each))
        .join("\n"),
    );

    expect(await problemsOf(file)).toEqual([
      "a.ndjson:2: value must have at most 26214400 bytes (25 MiB), got 26214402",
      "a.ndjson:3: value must have at most 26214400 bytes (25 MiB), got 26214401",
    ]);
  });

  it("is found for a key that stands twice, in whatever files", async () => {
    const first = temp.write("a.ndjson", '{"key":"a","value":"1"}\n{"key":"b","value":"1"}\n{"key":"a","value":"2"}');
    const second = temp.write("b.json", '[{"key":"c","value":""},{"key":"b","value":""}]');

    expect(await problemsOf(first, second)).toEqual([
      `a.ndjson:3: key 'a' is also at ${first}:1`,
      `b.json[1]: key 'b' is also at ${first}:2`,
    ]);
  });

  it("never shows a value", async () => {
    const files = [
      temp.write("a.json", '[{"key":"a","value":"SECRET}, 5, {"key": SECRET}]'),
      temp.write("a.ndjson", '{"key":"a","value":"SECRET"\nSECRET\n{"key":"a","value":SECRET}'),
      temp.write("a.csv", 'key,value\na,"SECRET"x\nb,SECRET,SECRET'),
      temp.write("a.yaml", '- key: a\n  value: "SECRET\n- {SECRET: *SECRET'),
      temp.write("b.csv", "key,value,metadata\na,b,SECRET"),
      temp.write("b.yaml", "- key: a\n  value: 1\n  base64: SECRET"),
    ];

    for (const file of files) {
      const problems = await problemsOf(file);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join("\n")).not.toContain("SECRET");
    }
  });

  it("is found where the text is not what the extension says", async () => {
    const cases: [string, string | Uint8Array, string[]][] = [
      [
        "a.json",
        '{"key":"a","value":"1"}',
        ["a.json: must hold an array of entries: a file with one entry a line is named .ndjson"],
      ],
      ["b.json", "5", ["b.json: must hold an array of entries: a file with one entry a line is named .ndjson"]],
      ["c.json", '[{"key":"a","value":"1"}', ["c.json: ends inside the array: is the file complete?"]],
      [
        "d.json",
        '[{"key":"a","value":"1"},]',
        ["d.json[1]: nothing between two commas, or a comma before the end of the array"],
      ],
      ["e.json", '[{"key":"a","value":"1"}] []', ["e.json: has text after the end of the array"]],
      ["f.json", Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d), [`f.json[0]: ${NOT_UTF8}`]],
      ["a.ndjson", Uint8Array.of(0x0a, 0x22, 0xff, 0x22), [`a.ndjson:2: ${NOT_UTF8}`]],
      ["a.csv", "name,value", ["a.csv:1: the header row must name the columns key and value, got 2 columns"]],
      [
        "b.csv",
        "key,value,ttl",
        ["b.csv:1: unknown column 'ttl': the columns are key, value, base64, expiration, expiration_ttl, metadata"],
      ],
      ["c.csv", 'key,value\n"a\nb",1\nc', ["c.csv:4: must have 2 cells like the header row, got 1"]],
      [
        "a.yaml",
        "key: a\nvalue: b",
        ["a.yaml: must hold a list of entries, each with key and value, or a map of keys to values"],
      ],
      [
        "b.yaml",
        "- key: a\n  value: x\n- key: b\n  value: 5",
        ["b.yaml:3: value must be a string, got a number: --json-values stores it as JSON"],
      ],
    ];
    for (const [name, content, problems] of cases)
      expect(await problemsOf(temp.write(name, content))).toEqual(problems);
  });

  it("is counted past the first thousand, which are kept", async () => {
    const file = temp.write("a.ndjson", "5\n".repeat(2500));

    await expect(entriesOf(file)).rejects.toMatchObject({
      problemCount: 2500,
      problems: { length: 1000 },
      message: expect.stringMatching(/^2500 problems in the entries\n(.*\n){20} {2}and 2480 more$/) as string,
    });
  });

  it("in YAML full of aliases ends in a problem, fast", async () => {
    const levels = "bcdefghij".split("").map((name, at) => `${name}: &${name} [${`*${"abcdefghij"[at]},`.repeat(9)}]`);
    const bomb = `- a: &a x\n${levels.map((level) => `  ${level}`).join("\n")}`;

    expect(await problemsOf(temp.write("a.yaml", bomb))).toEqual(["a.yaml: has too many aliases"]);
  });
});
