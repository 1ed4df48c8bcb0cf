import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readCommands } from "../../scripts/generated/commands.js";

const tests = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== join("cli", "options.test.ts"))
  .map((file) => readFileSync(join("test", file), "utf8"));
const pages = readdirSync("docs")
  .filter((name) => name.endsWith(".md"))
  .map((name) => readFileSync(join("docs", name), "utf8"))
  .join("\n");

describe("the options of every command", () => {
  it("have a row in a table of docs/, and a test that passes them", async () => {
    const commands = await readCommands();
    const options = commands.flatMap(({ name, command }) => command.options.map((option) => ({ name, option })));
    expect(options.length).toBeGreaterThan(50);
    const undocumented = options.filter(({ option }) => !pages.includes(`| \`${option.flags}\` |`));
    expect(undocumented.map(({ name, option }) => `${name} ${option.flags}`)).toEqual([]);
    const untested = options.filter(({ name, option }) => !tests.some((text) => passes(text, name, option)));
    expect(untested.map(({ name, option }) => `${name} ${option.flags}`)).toEqual([]);
  });
});

/** Whether a test has the words of the command and one of the option's flags. */
function passes(
  text: string,
  name: string,
  { long, short }: { long?: string | undefined; short?: string | undefined },
) {
  const flags = [long, short].filter((flag) => flag !== undefined);
  return (
    flags.some((flag) => new RegExp(`["\`' ]${flag}["\`' =,]`).test(text)) &&
    name.split(" ").every((word) => text.includes(word))
  );
}
