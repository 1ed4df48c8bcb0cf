import { readFileSync } from "node:fs";
import { errorTable } from "../scripts/generated/codes.js";
import { generatedFiles } from "../scripts/generated/files.js";
import { fill } from "../scripts/generated/page.js";

describe("npm run generate", () => {
  it("changes nothing: run it after changing a command, a route, an error or a field, and commit what it writes", async () => {
    for (const [path, text] of await generatedFiles()) expect([path, readFileSync(path, "utf8")]).toEqual([path, text]);
  });

  it("fills a section between its markers and leaves the rest of the page", () => {
    const page = "before\n<!-- generated: x -->\nold\n<!-- end of generated -->\nafter\n";
    const filled = fill("page.md", page, new Map([["x", (current) => `${current.trim()} and new`]]));
    expect(filled).toBe("before\n<!-- generated: x -->\nold and new\n<!-- end of generated -->\nafter\n");
  });

  it("takes a new code's row whose meaning is still empty", () => {
    const page = readFileSync("docs/errors.md", "utf8");
    const added = page.replace(/^\| `PORT_IN_USE` \| .*? \| /m, "| `PORT_IN_USE` | | ");
    expect(added).not.toBe(page);
    expect(errorTable(added)).toBe(errorTable(page));
  });

  it("refuses a page that asks for an unknown section", () => {
    const page = "<!-- generated: x -->\n<!-- end of generated -->\n";
    expect(() => fill("page.md", page, new Map())).toThrow("page.md: nothing generates a section 'x'");
  });
});
