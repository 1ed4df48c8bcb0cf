import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Emulator, startEmulator } from "../../src/local/emulator/emulator.js";
import { ACCOUNT, Api } from "./api.js";
import { run, StepFailed } from "./engines.js";

const CFKV = ["--import", resolve("node_modules/tsx/dist/esm/index.mjs"), resolve("src/cli/bin.ts")];

/** Manifests as a user of Project Planton has them: namespaces alone, several in a file, and as a kustomization. */
const MANIFESTS = [
  "minimal.yaml",
  "dev-cache.yaml",
  "config-namespace.yaml",
  "cache-namespace.yaml",
  "session-namespace.yaml",
  "kustomization.yaml",
  "staging-config.yaml",
  "developers.yaml",
  "prod-settings.yaml",
];

/** Something that `cfkv` deploys, by itself. */
export interface DeployTrial {
  readonly title: string;
  /** @returns the steps that it took */
  readonly run: () => Promise<readonly string[]>;
}

/** Everything that can be deployed, through `cfkv apply`, `output`, `plan` and `destroy`. */
export function deployTrials(engine: string): DeployTrial[] {
  return [
    ...MANIFESTS.map((file) => ({
      title: `cfkv apply ${file}`,
      run: () => inProject(engine, (cli) => manifest(cli, file)),
    })),
    { title: "cfkv apply template.yaml", run: () => inProject(engine, template) },
    { title: "cfkv apply of the reference set", run: () => inProject(engine, referenceSet) },
  ];
}

/** A namespace's whole life: its id is what `output` prints, the second plan is empty, and nothing stays behind. */
async function manifest(cli: Cli, file: string): Promise<void> {
  const applied = await cli.succeed("apply", file, "--yes");
  if (!/^Outputs:\n {2}namespace_id/m.test(applied)) throw new StepFailed(`the outputs are printed as:\n${applied}`);
  const before = await cli.namespaces();
  if (before.length === 0) throw new StepFailed("no namespace was created");
  if (before.length === 1) {
    const printed = await cli.succeed("output", "namespace_id");
    if (!printed.startsWith(`${before[0]?.id ?? ""}\n`))
      throw new StepFailed(`cfkv output namespace_id printed ${printed}`);
  }
  const planned = await cli.succeed("plan");
  if (!planned.includes("nothing to change")) throw new StepFailed(`the second plan is not empty:\n${planned}`);
  await cli.succeed("plan", "--drift");
  await cli.succeed("destroy", "--yes");
  const after = await cli.namespaces();
  if (after.length > 0) throw new StepFailed(`cfkv destroy left ${after.map(({ title }) => title).join(", ")}`);
}

async function template(cli: Cli): Promise<void> {
  await cli.succeed("apply", "template.yaml", "--yes", "--smoke");
  const [first] = await cli.namespaces();
  if (first === undefined) throw new StepFailed("no namespace was created");
  await cli.api.call(
    "PUT",
    `/accounts/${first.account}/storage/kv/namespaces/${first.id}`,
    JSON.stringify({ title: "by-hand" }),
  );
  await cli.expect(2, "plan", "--drift");
  await cli.succeed("apply", "--yes");
  await cli.succeed("plan", "--drift");
  await cli.succeed("destroy", "--yes", "--export", "copies");
}

async function referenceSet(cli: Cli): Promise<void> {
  const app = cli.of(".", { CDKTF_OUTDIR: join(cli.folder, "a/b/cdktf.out") });
  await app.succeed("apply", "staging", "--yes", "--seed", "--smoke");
  await app.expect(1, "destroy", "staging", "--yes");
  await app.succeed("apply", "dev", "--yes", "--parallel", "--smoke");
  await app.succeed("apply", "prod", "--yes");
  await app.succeed("plan", "prod");
  await app.succeed("destroy", "dev", "--yes");
}

/** `cfkv` in a folder, against an emulator. */
class Cli {
  constructor(
    readonly folder: string,
    readonly api: Api,
    private readonly engine: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly cwd = folder,
    readonly steps: string[] = [],
  ) {}

  of(folder: string, env: NodeJS.ProcessEnv): Cli {
    return new Cli(this.folder, this.api, this.engine, { ...this.env, ...env }, folder, this.steps);
  }

  /** What is there, in the accounts that the manifests name. */
  async namespaces(): Promise<readonly { readonly account: string; readonly id: string; readonly title: string }[]> {
    const accounts = [ACCOUNT, "0".repeat(32)];
    const all = await Promise.all(
      accounts.map(async (account) => (await this.api.namespaces(account)).map((each) => ({ ...each, account }))),
    );
    return all.flat();
  }

  succeed(...words: string[]): Promise<string> {
    return this.expect(0, ...words);
  }

  /** @returns both streams */
  async expect(status: number, ...words: string[]): Promise<string> {
    const { status: ended, output } = await run(
      this.cwd,
      process.execPath,
      [...CFKV, ...words, "--engine", this.engine],
      this.env,
    );
    if (ended !== status) throw new StepFailed(`cfkv ${words.join(" ")} ended with ${String(ended)}:\n${output}`);
    this.steps.push(words.filter((word) => word !== "--yes").join(" "));
    return output;
  }
}

async function inProject(engine: string, work: (cli: Cli) => Promise<void>): Promise<readonly string[]> {
  // Inside of the repository, so that the packages of Workers are found.
  mkdirSync(".cfkv", { recursive: true });
  const folder = resolve(mkdtempSync(join(".cfkv", "e2e-")));
  const emulator: Emulator = await startEmulator({});
  try {
    cpSync("examples/manifests", folder, { recursive: true });
    const env = {
      CLOUDFLARE_BASE_URL: emulator.baseUrl,
      CLOUDFLARE_API_TOKEN: "e2e".padEnd(40, "0"),
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      CLOUDFLARE_ZONE_ID: ACCOUNT,
      // The lock of the repository is not theirs.
      CI: "true",
    };
    const cli = new Cli(folder, new Api(emulator), engine, env);
    await work(cli);
    return cli.steps;
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
