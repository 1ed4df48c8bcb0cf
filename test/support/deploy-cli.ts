import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cli, startCli, type CliOptions, type CliResult, type RunningCli } from "../cli/run-cli.js";
import { accountId, kvApi } from "./kv-api-target.js";
import { tempDirs } from "./temp-dir.js";

const ENGINE = resolve("test/support/stand-in-engine.mjs");

/** A stack as the project's app writes it. */
export interface AppStack {
  /** Titles of its namespaces, by logical id. */
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly protected?: boolean;
  readonly preventDestroy?: boolean;
  readonly dependencies?: readonly string[];
  /** Files of entries, by logical id. */
  readonly seed?: Readonly<Record<string, string>>;
  readonly output?: object;
  readonly variable?: object;
  /** Further resources. */
  readonly resource?: object;
}

/** A namespace as a manifest. */
export const MANIFEST = `apiVersion: cloudflare.project-planton.org/v1
kind: CloudflareKvNamespace
metadata:
  name: flags
spec:
  namespace_name: flags-prod
`;

/** The command line in a project of its own, against a server of its own, with a stand-in for Terraform on PATH. */
export function deployCli(): ReturnType<typeof kvApi> &
  ReturnType<typeof tempDirs> & {
    run: (argv: readonly string[], options?: CliOptions) => Promise<CliResult>;
    start: (argv: readonly string[], options?: CliOptions) => RunningCli;
    /** Writes the app of the project: the stacks that it synthesizes. */
    app: (stacks: Readonly<Record<string, AppStack>>) => void;
    /** What the engine was asked for so far, as `<verb> of <stack>`. */
    verbs: () => readonly string[];
    /** Titles of the namespaces that are there, sorted. */
    titles: () => readonly string[];
  } {
  const temp = tempDirs();
  const api = kvApi();
  const bin = (): string => temp.path("bin");
  beforeEach(() => {
    mkdirSync(bin());
    addEngine(join(bin(), "terraform"));
  });
  const optionsFor = (options: CliOptions): CliOptions => ({
    cwd: temp.path(),
    ...options,
    env: {
      PATH: `${bin()}:${process.env["PATH"] ?? ""}`,
      HOME: temp.path(),
      CLOUDFLARE_API_TOKEN: "test-token",
      CLOUDFLARE_ACCOUNT_ID: accountId,
      CLOUDFLARE_BASE_URL: api.server().baseUrl,
      STAND_IN_LOG: temp.path("engine.log"),
      ...options.env,
    },
  });
  return {
    ...temp,
    ...api,
    run: (argv, options = {}) => cli(argv, optionsFor(options)),
    start: (argv, options = {}) => startCli(argv, optionsFor(options)),
    app: (stacks) => {
      temp.write("cdktf.json", JSON.stringify({ language: "typescript", app: "node app.cjs" }));
      temp.write("app.cjs", appText(stacks));
    },
    verbs: () =>
      linesOf(temp.path("engine.log")).map((line) => {
        const { verb, args, cwd } = JSON.parse(line) as { verb: string; args: string[]; cwd: string };
        const mode = args.find((word) => word === "-destroy" || word === "-refresh-only") ?? "";
        return `${verb}${mode} of ${cwd.split("/").at(-1) ?? ""}`;
      }),
    titles: () => [...api.server().namespaces.values()].map(({ title }) => title).sort(),
  };
}

/** Makes the stand-in a program of this path. The shell answers what needs no more than that, as Node.js starts slowly. */
export function addEngine(path: string, name = "Terraform"): void {
  const script = `#!/bin/sh
case "$1" in
  version) echo '${name} v1.99.0' ;;
  show) for file; do :; done; cat "$file" ;;
  *) exec '${process.execPath}' '${ENGINE}' "$@" ;;
esac
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

/** A program that writes the assembly of some stacks. */
function appText(stacks: Readonly<Record<string, AppStack>>): string {
  const manifest: Record<string, unknown> = {};
  const files: Record<string, unknown> = {};
  for (const [name, stack] of Object.entries(stacks)) {
    const path = `stacks/${name}`;
    manifest[name] = {
      name,
      synthesizedStackPath: `${path}/cdk.tf.json`,
      workingDirectory: path,
      dependencies: stack.dependencies ?? [],
      annotations: [],
    };
    files[path] = stackJson(name, stack);
  }
  return `
    const { mkdirSync, writeFileSync } = require("node:fs");
    const out = process.env.CDKTF_OUTDIR;
    for (const [path, stack] of Object.entries(${JSON.stringify(files)})) {
      mkdirSync(out + "/" + path, { recursive: true });
      writeFileSync(out + "/" + path + "/cdk.tf.json", JSON.stringify(stack));
    }
    writeFileSync(out + "/manifest.json", JSON.stringify({ version: "0.21.0", stacks: ${JSON.stringify(manifest)} }));
  `;
}

function stackJson(name: string, stack: AppStack): object {
  const { namespaces = {}, environment, seed = {}, preventDestroy = stack.protected ?? false } = stack;
  const entries = Object.entries(namespaces);
  const lifecycle = preventDestroy ? { prevent_destroy: true } : {};
  return {
    "//": {
      cfkv: {
        version: 1,
        ...(environment !== undefined && { app: "shop", environment, protected: stack.protected ?? false }),
        namespaces: Object.fromEntries(
          Object.entries(seed).map(([id, file]) => [id, { binding: id, seed: [`../../../${file}`] }]),
        ),
        workers: {},
      },
    },
    provider: { cloudflare: [{}] },
    terraform: { backend: { local: { path: `../../../terraform.${name}.tfstate` } } },
    resource: {
      cloudflare_workers_kv_namespace: Object.fromEntries(
        entries.map(([id, title]) => [id, { account_id: accountId, title, lifecycle }]),
      ),
      ...stack.resource,
    },
    output: {
      namespace_ids: {
        value: Object.fromEntries(entries.map(([id]) => [id, `\${cloudflare_workers_kv_namespace.${id}.id}`])),
      },
      ...stack.output,
    },
    ...(stack.variable !== undefined && { variable: stack.variable }),
  };
}
