import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv";
import stringWidth from "string-width";
import type { Report } from "../../../src/report/build/model.js";
import { countText, percentText, ttlText } from "../../../src/report/document/format.js";
import { type LiveWorld, liveWorld } from "../../report/live-world.js";
import { cli } from "../run-cli.js";

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "cfkv-report-"));
let world: LiveWorld;
beforeAll(async () => {
  world = await liveWorld(join(folder, "cdktf.out"), {
    namespaces: {
      SESSIONS: {
        ttlSeconds: 86_400,
        description: "誰がログインしているか 👋",
        keys: { "session:{token}": "A | session" },
      },
      CACHE: { ttlSeconds: 3600, description: "<script>alert(1)</script>" },
      FLAGS: { description: "Feature flags" },
    },
  });
  await world.put("shop-sessions-prod", "session:jane-doe", "secret-value-1");
  await world.put("shop-flags-prod", "jane-doe", "secret-value-2");
  await world.callWorker();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const report = (...argv: string[]) => cli(["report", "--output", world.output, ...argv], { env: world.env });
const read = async (...argv: string[]) => JSON.parse((await report("--format", "json", ...argv)).stdout) as Report;

describe("cfkv report", () => {
  it("shows every namespace of a stack in the layout of the specification", async () => {
    const { code, stdout } = await report("prod");
    expect(code).toBe(0);
    for (const part of [
      "KV NAMESPACE SPECIFICATION",
      "Namespace: shop-sessions-prod",
      "NAMESPACE OVERVIEW",
      "│  Default TTL: 24 h (declared)",
      "│  Cache hit rate: — (not measured)",
      "KEY NAMING CONVENTION",
      "session:{token}  session:abc  A | session",
      "Declared in the stack.",
      "BINDINGS",
      "TTL STRATEGY",
      "SEEDS",
      "IMPLEMENTATION CHECKLIST",
      "— Namespace created: not looked up: --live does",
      "● Bindings configured: shop-prod",
      "○ Cache patterns implemented: its Worker does not use the runtime library",
      "WORKER CONFIGURATION: SHOP-PROD",
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toContain("Time:");
  });

  it("says what it does not know, and where each figure is from", async () => {
    const { stacks, source, time } = await read("prod");
    expect([source, time]).toEqual(["assembly", undefined]);
    const { overview, keyNaming } = namespaceOf(stacks, "shop-flags-prod");
    expect(overview).toMatchObject({
      id: { value: null },
      keys: { value: null },
      storageBytes: { value: null },
      readsPerDay: { value: null },
      hitRate: { value: null },
      status: { value: null },
      ttlSeconds: { value: 0, from: "declared" },
    });
    expect(keyNaming.source).toBe("suggested");
  });

  it("adds what Cloudflare knows, sampled or not", async () => {
    const { stacks, time, accounts } = await read("prod", "--live");
    expect(time).toMatch(/^\d{4}-/);
    expect(accounts[0]?.total).toMatchObject({ reads: 1, writes: 3 });
    const { overview, checklist, days, dashboard } = namespaceOf(stacks, "shop-cache-prod");
    expect(overview).toMatchObject({
      id: { value: world.ids["shop-cache-prod"], from: "live" },
      keys: { value: 1, from: "sampled" },
      status: { value: "active", from: "live" },
      hitRate: { value: null },
    });
    expect(checklist[0]).toEqual({ item: "Namespace created", done: true, why: "exists at Cloudflare" });
    expect(days).toHaveLength(31);
    expect(dashboard).toContain(`/workers/kv/namespaces/${world.ids["shop-cache-prod"] ?? ""}`);
    const { stacks: others } = await read("dev", "--live");
    expect(namespaceOf(others, "shop-cache-dev").overview.status).toEqual({ value: "missing", from: "live" });
  });

  it("finds the patterns of keys that are declared nowhere, and shows keys only where it may", async () => {
    const patterns = async (...argv: string[]) =>
      namespaceOf((await read("prod", "--live", ...argv)).stacks, "shop-flags-prod").keyNaming;
    expect(await patterns("--list-keys")).toEqual({
      source: "live",
      patterns: [{ pattern: "{key}", example: "theme", use: "found, not declared", keys: 1 }],
    });
    expect((await patterns("--show-keys")).patterns[0]?.example).toBe("jane-doe");
  });

  it("has no value and no token in any format, and keys only as patterns", async () => {
    for (const format of ["text", "json", "md", "html"]) {
      const { stdout } = await report("--live", "--list-keys", "--format", format);
      expect(stdout).not.toMatch(/secret-value|test-token|jane-doe/);
    }
  });

  it("tells the same figures in every format", async () => {
    const { stacks } = await read("--live");
    const [text, md, html] = await Promise.all(
      ["text", "md", "html"].map(async (format) => (await report("--live", "--format", format)).stdout),
    );
    for (const namespace of stacks.flatMap((stack) => stack.namespaces)) {
      const { id, ttlSeconds, keys, readsPerDay, health } = namespace.overview;
      const figures = [
        ["Namespace", namespace.name],
        ["ID", id.value ?? "—"],
        ["Keys", countText(keys.value ?? undefined)],
        ["Read ops/day", countText(readsPerDay.value ?? undefined)],
        ["Default TTL", ttlText(ttlSeconds.value ?? 0)],
        ["Health", percentText(health.value ?? undefined)],
      ] as const;
      for (const [label, value] of figures) {
        const escaped = value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
        expect(sectionOf(text, namespace.name, "KV NAMESPACE SPECIFICATION")).toMatch(
          new RegExp(`${label}: (\\S+ )?${escaped}`),
        );
        expect(sectionOf(md, namespace.name, "KV namespace specification")).toMatch(
          new RegExp(`\\| ${label} \\| ${escaped}`),
        );
        expect(sectionOf(html, namespace.name, "KV namespace specification")).toMatch(
          new RegExp(`<dt>${label}</dt><dd>(<span class="bar"><i[^>]*></i></span>)?${escaped}`),
        );
      }
    }
  });

  it("keeps to 80 columns, East Asian names and emoji included, and to ASCII where it is asked to", async () => {
    const { stdout } = await report("--live");
    const lines = stdout.split("\n").filter((line) => !line.startsWith("https://"));
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
    expect(stdout).toContain("Purpose: 誰がログインしているか 👋");
    const ascii = await report("--ascii");
    expect(ascii.stdout).toMatch(/^[\x20-\x7e\n]+$/);
    expect(ascii.stdout).toContain("[x] Bindings configured");
  });

  it("prints JSON that its schema describes, with and without Cloudflare", async () => {
    const validate = new Ajv().compile(JSON.parse(readFileSync("schema/report.json", "utf8")) as object);
    for (const argv of [[], ["--live", "--list-keys"]]) {
      expect([validate(await read(...argv)), validate.errors]).toEqual([true, null]);
    }
  });

  it("writes one page without scripts, in which names are text", async () => {
    const out = join(folder, "report.html");
    const { stdout, stderr } = await report("--live", "--format", "html", "--out", out);
    expect([stdout, stderr]).toEqual(["", `wrote ${out}\n`]);
    const page = readFileSync(out, "utf8");
    expect(page).not.toMatch(/<script|src=|url\(|@import/);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.match(/<svg class="picture"/g)).toHaveLength(2);
    expect(page.match(/<svg class="chart"/g)).toHaveLength(3);
    expect(page).toContain(`href="#shop-prod-shop-cache-prod"`);
    expect(page).toContain(`id="shop-prod-shop-cache-prod"`);
  });

  it("shows what differs between environments", async () => {
    const { differences } = await read();
    expect(differences).toEqual([
      {
        app: "shop",
        environments: ["dev", "prod"],
        rows: [{ what: "protected", values: ["no", "yes"] }],
      },
    ]);
  });

  it.each([
    [["--live", "--local"], 2, "a report is --live or --local, not both"],
    [["nowhere"], 2, "no stack is named 'nowhere'"],
    [["--out", "missing/folder/report.txt"], 1, "FILE_UNWRITABLE"],
  ])("refuses %j", async (argv, code, message) => {
    const result = await report(...argv);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });

  it("reads what cfkv dev counted and keeps", async () => {
    const cwd = join(folder, "project");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(join(cwd, ".cfkv"), { recursive: true });
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const count = { namespace: "shop-cache-dev", action: "read", hour, requests: 7, bytes: 1, latencies: { 1: 7 } };
    writeFileSync(join(cwd, ".cfkv", "usage.json"), JSON.stringify({ version: 1, counts: [count], snapshots: [] }));
    const argv = ["--output", world.output];
    await cli(["kv", "put", "CACHE", "cache:a", "1", "--local", "--stack", "dev", ...argv], { cwd });
    const { stdout, stderr } = await cli(["report", "dev", "--local", "--format", "json", ...argv], { cwd });
    expect(stderr).toBe("");
    const { stacks, source } = JSON.parse(stdout) as Report;
    expect(source).toBe("local");
    expect(namespaceOf(stacks, "shop-cache-dev")).toMatchObject({
      overview: { keys: { value: 1, from: "local" }, readsPerDay: { value: 7, from: "local" } },
      keyNaming: { source: "local", patterns: [{ pattern: "cache:{id}", keys: 1 }] },
    });
  });
});

function namespaceOf(stacks: Report["stacks"], name: string): Report["stacks"][number]["namespaces"][number] {
  const found = stacks.flatMap((stack) => stack.namespaces).find((namespace) => namespace.name === name);
  if (found === undefined) throw new Error(`the report has no namespace ${name}`);
  return found;
}

/** The part of a text between the heading of a namespace and the next one. */
function sectionOf(text: string | undefined, name: string, heading: string): string {
  return (text ?? "").split(heading).find((part) => part.includes(name) && part.slice(0, 400).includes(name)) ?? "";
}
