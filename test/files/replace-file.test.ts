import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { replaceFile } from "../../src/files/replace-file.js";
import { tempDirs } from "../support/temp-dir.js";

const temp = tempDirs();

describe("a file that is replaced", () => {
  it("holds the new content, with the permissions asked for, and leaves nothing beside it", async () => {
    const file = temp.write("record.json", "old");

    await replaceFile(file, "new", { mode: 0o600 });

    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(temp.path())).toEqual(["record.json"]);
  });

  it("is whole whoever replaces it at the same time", async () => {
    const contents = Array.from({ length: 20 }, (_, at) => String(at).repeat(10_000 + at));

    await Promise.all(contents.map((content) => replaceFile(temp.path("record"), content)));

    expect(contents).toContain(readFileSync(temp.path("record"), "utf8"));
    expect(readdirSync(temp.path())).toEqual(["record"]);
  });

  it("leaves nothing beside it when it cannot be replaced", async () => {
    mkdirSync(temp.path("record"));
    temp.write("record/inside", "");

    await expect(replaceFile(temp.path("record"), "new")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(temp.path())).toEqual(["record"]);
  });
});
