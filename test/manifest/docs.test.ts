import { readFileSync } from "node:fs";
import { codesOf, readText } from "./read-text.js";

describe("docs/coming-from-planton.md", () => {
  const page = readFileSync("docs/coming-from-planton.md", "utf8");
  const manifests = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = ""]) => text);

  it.each(manifests)("shows a manifest that is valid: %s", (text) => {
    expect(codesOf(readText(text)).filter((code) => !code.startsWith("warning"))).toEqual([]);
  });
});
