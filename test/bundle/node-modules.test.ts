import { builtinModules } from "node:module";
import { Miniflare } from "miniflare";
import { GENERATIONS, nodeModuleAdvice, nodeModulesOf } from "../../src/bundle/node-modules.js";

jest.setTimeout(120_000);

const IMPORTS = `export default {
  async fetch(request) {
    const found = [];
    for (const name of await request.json()) await import("node:" + name).then(() => found.push(name), () => {});
    return Response.json(found);
  },
};`;

/** Which of the modules the installed workerd has for a Worker. */
async function importable(date: string, flags: string[], names: readonly string[]): Promise<string[]> {
  const miniflare = new Miniflare({
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/index.js", contents: IMPORTS }],
    compatibilityDate: date,
    compatibilityFlags: flags,
  });
  try {
    const answer = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(names) });
    return (await answer.json()) as string[];
  } finally {
    await miniflare.dispose();
  }
}

const ALL = GENERATIONS.flatMap(({ modules }) => modules);

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

describe("the modules of Node.js that Workers have", () => {
  const dates = [...new Set(GENERATIONS.map(({ since }) => since))].filter((date) => date > "2000");

  it.each(dates.flatMap((date) => [dayBefore(date), date]))("are those of workerd on %s", async (date) => {
    const own = nodeModulesOf({ date, flags: ["nodejs_compat"] });
    expect([...own].sort()).toEqual((await importable(date, ["nodejs_compat"], ALL)).sort());
  });

  it("come earlier with the flag of each", async () => {
    const flags = ["nodejs_compat", ...GENERATIONS.flatMap(({ flag }) => (flag === undefined ? [] : [flag]))];
    const date = "2024-09-22";

    expect(nodeModulesOf({ date, flags })).toEqual(ALL);
    expect(await importable(date, flags, ALL)).toEqual(ALL);
  });

  it("are one with nodejs_als, and none without a flag", async () => {
    const als = { date: "2026-04-01", flags: ["nodejs_als"] };

    expect(nodeModulesOf(als)).toEqual(["async_hooks"]);
    expect(await importable(als.date, als.flags, ["async_hooks", "crypto"])).toEqual(["async_hooks"]);
    expect(nodeModulesOf({ date: "2026-04-01", flags: [] })).toEqual([]);
  });

  it("are all that Node.js has, but for those with a reason", () => {
    const others = builtinModules.filter((name) => !ALL.includes(name.replace(/^node:/, "")));
    expect(others).toEqual([]);
  });
});

describe("advice for a module of Node.js", () => {
  const node = { date: "2025-01-01", flags: ["nodejs_compat"] };

  it.each([
    ["node:fs", { ...node, flags: [] }, 'add compatibilityFlags: ["nodejs_compat"] to use Node.js modules'],
    ["node:fs", node, 'node:fs needs compatibilityDate: "2025-09-15" or later'],
    ["fs", node, 'node:fs needs compatibilityDate: "2025-09-15" or later'],
    ["node:sea", node, "Workers have no module node:sea"],
    ["left-pad", node, undefined],
    ["./fs", node, undefined],
  ])("%s, %j", (specifier, compatibility, advice) => {
    expect(nodeModuleAdvice(specifier, compatibility)).toBe(advice);
  });
});
