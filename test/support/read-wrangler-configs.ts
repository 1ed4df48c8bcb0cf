import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A configuration of wrangler, and one of its environments; an empty name is the top level. */
export interface WantedConfig {
  readonly file: string;
  readonly environment: string;
}

/** Configurations as wrangler itself reads them, in one process. */
export function readWranglerConfigs(wanted: readonly WantedConfig[]): Record<string, unknown>[] {
  const home = mkdtempSync(join(tmpdir(), "cfkv-wrangler-"));
  const script = `import { unstable_readConfig } from ${JSON.stringify(resolve("node_modules/wrangler/wrangler-dist/cli.js"))};
    const all = ${JSON.stringify(wanted)}.map(({ file, environment }) =>
      unstable_readConfig({ config: file, env: environment }, { hideWarnings: true }));
    process.stdout.write("\\n" + JSON.stringify(all));`;
  try {
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: home, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "none" },
    });
    return JSON.parse(printed.slice(printed.lastIndexOf("\n"))) as Record<string, unknown>[];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
