import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { readCommands } from "../../scripts/generated/commands.js";
import { ASSEMBLY, dataCli } from "../support/data-cli.js";

const { run, path } = dataCli();

interface Pipeline {
  jobs?: { deploy: { steps: { run?: string }[] } };
  deploy?: { script: string[] };
}

/** The commands of a pipeline, in their order. */
function commandsOf(file: string): string[] {
  const { jobs, deploy } = parse(readFileSync(`examples/pipelines/plan-guard/${file}`, "utf8")) as Pipeline;
  const scripts = jobs === undefined ? (deploy?.script ?? []) : jobs.deploy.steps.map(({ run: script = "" }) => script);
  return scripts.flatMap((script) => script.trim().split("\n")).filter((command) => command !== "");
}

/** Every cfkv command of a file, as words. */
function cfkvCommands(file: string): string[][] {
  const text = readFileSync(`examples/pipelines/deploy/${file}`, "utf8");
  return [...text.matchAll(/npx cfkv ([^|>\n]*)/g)].map(([, words = ""]) => words.trim().split(/ +/));
}

describe.each(["github.yml", "gitlab.yml"])("examples/pipelines/deploy/%s", (file) => {
  it("uses commands and options that exist, and asks nothing", async () => {
    expect(() => void parse(readFileSync(`examples/pipelines/deploy/${file}`, "utf8"))).not.toThrow();
    const known = await readCommands();
    const unknown = cfkvCommands(file).flatMap((words) => {
      const line = words.join(" ");
      const found = known.find(({ name }) => line === name || line.startsWith(`${name} `));
      if (found === undefined) return [line];
      const options = found.command.options.map(({ long }) => long);
      return words.filter((word) => word.startsWith("--") && !options.includes(word));
    });
    expect(unknown).toEqual([]);
    const asking = cfkvCommands(file).filter(([verb = ""]) => ["apply", "destroy"].includes(verb));
    expect(asking.length).toBeGreaterThan(3);
    expect(asking.filter((words) => !words.includes("--yes"))).toEqual([]);
  });

  it("plans, deploys previews, applies with an approval, and looks for drift", () => {
    const lines = cfkvCommands(file).map((words) => words.join(" "));
    for (const line of [
      "plan prod --format md",
      "apply preview --yes --seed --smoke",
      "destroy preview --yes",
      "plan prod --drift",
    ])
      expect(lines.some((each) => each.startsWith(line))).toBe(true);
  });
});

const has = (word: string) => (command: string) => command.includes(word);

describe.each(["github.yml", "gitlab.yml"])("examples/pipelines/plan-guard/%s", (file) => {
  const commands = commandsOf(file);
  const guard = commands.find(has("plan-guard")) ?? "";

  it("guards the plan that it applies, before it does", () => {
    const order = [has("-out=plan.bin"), has("show -json plan.bin > plan.json"), has("plan-guard"), has("apply")];
    const places = order.map((is) => commands.findIndex(is));

    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(commands.find(has("apply"))).toMatch(/ plan\.bin$/);
  });

  it.each([
    ["stops", "delete", 1],
    ["goes on", "update", 0],
  ])("%s at a plan that says %s", async (_, action, code) => {
    const change = { actions: [action], before: { title: "shop" } };
    const address = "cloudflare_workers_kv_namespace.X_01234567";
    const plan = { resource_changes: [{ type: "cloudflare_workers_kv_namespace", address, change }] };
    writeFileSync(path("plan.json"), JSON.stringify({ format_version: "1.2", ...plan }));
    const argv = guard.replace("npx cfkv ", "").replace("shop-prod", "edge-store-prod").split(" ");

    expect(await run([...argv, "--output", ASSEMBLY])).toMatchObject({ code });
  });
});
