import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { CommandContext } from "../command.js";
import type { DoctorItem } from "./doctor-item.js";

const run = promisify(execFile);

/** The programs and packages that the commands use. */
export async function lookAtMachine({ cwd, env }: Pick<CommandContext, "cwd" | "env">): Promise<DoctorItem[]> {
  const engine = (await version("tofu", env)) ?? (await version("terraform", env));
  const core = packageVersion(cwd, "cdktf");
  const provider = packageVersion(cwd, "@cdktf/provider-cloudflare");
  const miniflare = packageVersion(cwd, "miniflare");
  return [
    nodeItem(process.versions.node),
    {
      item: "cdktf or cdktn",
      ok: core !== undefined,
      found: core === undefined ? "not installed in this project" : `${core.name} ${core.version}`,
      mend: "npm install cdktf constructs @cdktf/provider-cloudflare",
    },
    {
      item: "bindings of the Cloudflare provider",
      ok: provider !== undefined,
      found: provider === undefined ? "not installed in this project" : provider.version,
      mend: "npm install @cdktf/provider-cloudflare",
    },
    {
      item: "OpenTofu or Terraform",
      ok: engine !== undefined,
      found: engine ?? "neither tofu nor terraform is on the PATH",
      mend: "see https://opentofu.org/docs/intro/install/",
    },
    {
      item: "miniflare, for cfkv dev and cfkv emulator",
      ok: miniflare !== undefined,
      found: miniflare === undefined ? "not installed in this project" : miniflare.version,
      mend: "npm install --save-dev miniflare@4.20260426.0",
    },
  ];
}

function nodeItem(found: string): DoctorItem {
  const [major = 0, minor = 0] = found.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 9);
  return { item: "Node.js 20.9 or newer", ok, found, mend: "install a newer one: https://nodejs.org" };
}

/** The first line of what a program says about its version; undefined when it does not run. */
async function version(program: string, env: CommandContext["env"]): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ["version"], { env: { ...env, CHECKPOINT_DISABLE: "1" }, timeout: 10_000 });
    return stdout.split("\n")[0]?.trim();
  } catch {
    return undefined;
  }
}

/** The package that a project finds under a name: cdktf may be an alias of cdktn. */
function packageVersion(cwd: string, name: string): { readonly name: string; readonly version: string } | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, "node_modules", name, "package.json");
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as { name: string; version: string };
    if (folder === dirname(folder)) return undefined;
  }
}
