import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";

interface Resource {
  title?: string;
  script_name?: string;
  bindings?: { name: string; type: string }[];
}

interface StackJson {
  resource?: Record<string, Record<string, Resource>>;
}

/** What the stacks of an app deploy, in a few lines that are easy to review. */
export function summaryOf(define: (app: App) => unknown): string {
  const outdir = mkdtempSync(join(tmpdir(), "stacks-"));
  try {
    // Tests leave cfkv.lock.json alone.
    const app = new App({ outdir, context: { lock: false } });
    define(app);
    app.synth();
    const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as { stacks: object };
    return Object.keys(stacks)
      .map((stack) => `${stack}\n${linesOf(join(outdir, "stacks", stack, "cdk.tf.json")).join("\n")}\n`)
      .join("\n");
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The content of a snapshot file. It is written first with UPDATE=1, and where there is none; commit it. */
export function snapshot(file: string, now: string): string {
  const isNew = !existsSync(file) && process.env["CI"] === undefined;
  if (isNew || process.env["UPDATE"] === "1") writeFileSync(file, now);
  return readFileSync(file, "utf8");
}

function linesOf(file: string): string[] {
  const { resource = {} } = JSON.parse(readFileSync(file, "utf8")) as StackJson;
  return Object.entries(resource).flatMap(([type, resources]) =>
    Object.values(resources).map(({ title, script_name: name, bindings = [] }) => {
      const bound = bindings.map((binding) => `${binding.name} (${binding.type})`).join(", ");
      const label = title ?? name ?? "";
      return ["  " + type, label.startsWith("${") ? "" : label, bound].filter((part) => part !== "").join("  ");
    }),
  );
}
