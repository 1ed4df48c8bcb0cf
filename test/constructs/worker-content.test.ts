import { ignoredContent } from "../../src/constructs/worker-content.js";

describe("a script that ignores changes", () => {
  it("is distinguished from one that ignores other attributes", () => {
    expect(ignoredContent({ lifecycle: { ignoreChanges: ["content_file", "logpush"] } })).toEqual(["content_file"]);
    expect(ignoredContent({ lifecycle: { ignoreChanges: "all" } })).toEqual(["all"]);
    expect(ignoredContent({ lifecycle: { ignoreChanges: ["logpush"] } })).toEqual([]);
    expect(ignoredContent({})).toEqual([]);
  });
});
