import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { InputError } from "../../src/errors.js";
import { findLock, LOCK_FILE, type Lock, lockText, readLock, writeLock } from "../../src/lock/index.js";
import { tempDirs } from "../support/temp-dir.js";

const { path } = tempDirs();

const lock: Lock = {
  version: 1,
  stacks: {
    b: {
      namespaces: { z: { id: "Z", addresses: { Resource: "t.Z" } }, a: { id: "A", addresses: { Resource: "t.A" } } },
    },
    a: { app: "shop", workers: {}, retired: { "t.Y": "y", "t.X": "x" } },
  },
};

function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error instanceof InputError ? error.code : error;
  }
  return undefined;
}

function written(text: string): string {
  const file = path(LOCK_FILE);
  writeFileSync(file, text);
  return file;
}

describe("cfkv.lock.json", () => {
  it("reads what it wrote, in the order of the names", () => {
    const file = path(LOCK_FILE);
    writeLock(file, lock);

    expect(lockText(readLock(file) as Lock)).toBe(readFileSync(file, "utf8"));
    expect(readFileSync(file, "utf8")).toMatch(/"a": \{[^]*"t\.X"[^]*"t\.Y"[^]*"b": \{[^]*"a"[^]*"z"/);
  });

  it.each([
    ["a missing comma", '{\n  "version": 1\n  "stacks": {}\n}\n', "3:3"],
    ["half a file", '{\n  "version": 1,\n  "sta', "3:7"],
    ["a merge conflict", '{\n  "version": 1,\n<<<<<<< HEAD\n  "stacks": {}\n=======\n', "3:1"],
    ["a stack that is text", '{\n  "version": 1,\n  "stacks": {\n    "prod": "x"\n  }\n}\n', "4:5"],
    ["a name without addresses", '{"version": 1, "stacks": {"prod": {\n "namespaces": {\n"n": {"id": "N"}}}}}', "3:1"],
    ["a newer version", '{\n  "version": 2\n}', "2:3"],
    ["an empty file", "", "1:1"],
  ])("says where the damage is: %s", (_, text, place) => {
    const file = written(text);

    expect(codeOf(() => readLock(file))).toBe("LOCK_BROKEN");
    expect(() => readLock(file)).toThrow(`${file}:${place}: `);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("writes through a symbolic link", () => {
    const real = path("real.json");
    writeFileSync(real, "");
    symlinkSync(real, path(LOCK_FILE));
    writeLock(path(LOCK_FILE), lock);

    expect(readFileSync(real, "utf8")).toBe(lockText(lock));
  });

  it("has a coded error for a folder that is not there", () => {
    expect(codeOf(() => writeLock(path("no/such", LOCK_FILE), lock))).toBe("FILE_UNWRITABLE");
  });

  it("is beside cdktf.json, in the first folder or above", () => {
    mkdirSync(path("project/deep/er"), { recursive: true });
    writeFileSync(path("project/cdktf.json"), "{}");

    expect(findLock([path("project/deep/er")])).toBe(path("project", LOCK_FILE));
    expect(findLock([path("elsewhere"), path("project/deep")])).toBe(path("project", LOCK_FILE));
    expect(findLock([path("elsewhere")])).toBe(path("elsewhere", LOCK_FILE));
  });

  it("is turned off by the context of cdktf.json", () => {
    writeFileSync(path("cdktf.json"), JSON.stringify({ context: { lock: false } }));

    expect(findLock([path()])).toBeUndefined();
  });
});
