import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { documentation, REPOSITORY } from "../src/documentation.js";

const PAGES = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

describe("links", () => {
  it("of messages lead to the repository that package.json names", () => {
    const { repository, homepage, bugs } = JSON.parse(readFileSync("package.json", "utf8")) as {
      repository: { url: string };
      homepage: string;
      bugs: { url: string };
    };
    expect([repository.url, homepage, bugs.url]).toEqual([
      `git+${REPOSITORY}.git`,
      `${REPOSITORY}#readme`,
      `${REPOSITORY}/issues`,
    ]);
    expect(documentation("errors")).toBe(`${REPOSITORY}/blob/main/docs/errors.md`);
  });

  it.each(PAGES)("of %s lead to files and headings that exist", (page) => {
    const broken = linksOf(readFileSync(page, "utf8")).filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  it.each(["README.md", "CHANGELOG.md"])("of %s are absolute, as it is part of the package", (page) => {
    expect(linksOf(readFileSync(page, "utf8")).filter((link) => !link.startsWith("https://"))).toEqual([]);
  });
});

describe("decisions", () => {
  it("have a number each, in their first line too", () => {
    const pages = readdirSync("docs/decisions")
      .filter((name) => name.endsWith(".md"))
      .toSorted();
    const numbers = pages.map((name) => Number.parseInt(name, 10));
    expect(numbers).toEqual(pages.map((_, index) => index + 1));
    for (const [index, page] of pages.entries())
      expect(readFileSync(join("docs/decisions", page), "utf8")).toMatch(new RegExp(`^# ${index + 1}\\. `));
  });
});

describe("workflows", () => {
  it.each(readdirSync(".github/workflows"))(
    "%s names foreign actions by digest and asks for no right it can do without",
    (name) => {
      const text = readFileSync(join(".github/workflows", name), "utf8");
      const actions = [...text.matchAll(/uses: (?!\.\/)(\S+)(.*)$/gm)].map(
        ([, action = "", comment = ""]) => action + comment,
      );
      expect(actions.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
      expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
      expect(text).not.toMatch(/secrets\./);
    },
  );
});

/** The targets of a page's links; what is code is no link. */
function linksOf(page: string): string[] {
  const prose = page.replaceAll(/^```[^]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "code");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
}

function leadsSomewhere(page: string, link: string): boolean {
  const own = `${REPOSITORY}/blob/main/`;
  if (link.startsWith("https://") && !link.startsWith(own)) return true;
  const [path = "", heading] = link.replace(own, "").split("#");
  const file = link.startsWith(own) ? path : path === "" ? page : join(dirname(page), path);
  if (!existsSync(file)) return false;
  return heading === undefined || headingsOf(readFileSync(file, "utf8")).includes(heading);
}

/** The anchors that GitHub gives a page's headings. */
function headingsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
