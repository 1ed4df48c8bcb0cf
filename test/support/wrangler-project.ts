import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { App, Testing } from "cdktf";
import { type Environment, EnvironmentSet, type EnvironmentSetProps, WorkerCode } from "../../src/index.js";
import { tempDirs } from "./temp-dir.js";

const BIN = resolve("node_modules/wrangler/bin/wrangler.js");

const SOURCE = `import { WorkerEntrypoint } from "cloudflare:workers";
export class Room {}
export class Admin extends WorkerEntrypoint {}
export default { fetch() { return new Response("shop"); } };
`;

/** A folder with a Worker's source, in which apps are synthesized and the real wrangler runs. */
export function wranglerProject() {
  const temp = tempDirs();
  const run = (args: readonly string[]): string => {
    const env = {
      PATH: process.env["PATH"],
      HOME: temp.path(),
      CI: "1",
      WRANGLER_SEND_METRICS: "false",
      NO_COLOR: "1",
    };
    try {
      return execFileSync(process.execPath, [BIN, ...args], { cwd: temp.path(), encoding: "utf8", stdio: "pipe", env });
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`wrangler ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
    }
  };
  return {
    ...temp,
    /** Synthesizes an EnvironmentSet into `cdktf.out` of the folder, with what is added to it, and returns its environments. */
    synth: (
      props: Partial<EnvironmentSetProps>,
      add: (environments: readonly Environment[]) => void = () => undefined,
    ): readonly Environment[] => {
      temp.write("src/index.ts", SOURCE);
      const app = Testing.app({ outdir: temp.path("cdktf.out") });
      const set = new EnvironmentSet(app, "shop", {
        app: "shop",
        accountId: "0".repeat(31) + "1",
        namespaces: { SESSIONS: { ttlSeconds: 3600 } },
        worker: { code: WorkerCode.fromEntry(temp.path("src/index.ts")) },
        environments: { dev: {}, prod: {} },
        ...props,
      });
      add(set.environments);
      App.of(set).synth();
      return set.environments;
    },
    /** Runs wrangler to its end; fails with what it printed. */
    wrangler: run,
    /** The configuration of an environment as wrangler itself reads it. */
    readConfig: (file: string, env?: string): Record<string, unknown> => {
      const script = `import { unstable_readConfig } from ${JSON.stringify(resolve("node_modules/wrangler/wrangler-dist/cli.js"))};
        const config = unstable_readConfig(${JSON.stringify({ config: temp.path(file), env: env ?? "" })}, { hideWarnings: true });
        process.stdout.write("\\n" + JSON.stringify(config));`;
      const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: temp.path(),
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: temp.path(), WRANGLER_SEND_METRICS: "false" },
      });
      return JSON.parse(printed.slice(printed.lastIndexOf("\n"))) as Record<string, unknown>;
    },
  };
}
