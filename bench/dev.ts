import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROUNDS = 5;
/** Milliseconds after which a server counts as one that never comes. */
const PATIENCE = 30_000;
/** Milliseconds a server has to end. */
const GRACE = 5_000;

const WORKER = `export default {
  async fetch(request, env) {
    return new Response((await env.CACHE.get("greeting")) ?? "hello");
  },
};
`;

/** The wrangler that is current, and the Node it needs. */
const WRANGLER = { version: "4.164", node: "24" };

/** A server to start: the interpreter, its arguments, and the options that take a free port. */
interface Contender {
  readonly name: string;
  readonly node: string;
  readonly argv: readonly string[];
  readonly ports: readonly [answers: string, ...others: string[]];
}

/** Command to first response of `cfkv dev` and `wrangler dev`, in turns, on the same Worker with one namespace. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cfkv-bench-dev-"));
  try {
    const contenders = [ownDev(), installedWrangler(), ...currentWrangler(join(folder, "wrangler"))];
    // A folder each: a newer runtime's data cannot be read by an older one.
    const projects = contenders.map((_, at) => project(join(folder, String(at))));
    const times = contenders.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [at, contender] of contenders.entries()) {
        times[at]?.push(await firstResponse(projects[at] ?? folder, contender));
      }
    }
    for (const [at, { name }] of contenders.entries()) {
      const sorted = [...(times[at] ?? [])].sort((a, b) => a - b);
      const median = sorted[Math.floor(ROUNDS / 2)] ?? NaN;
      console.log(`${name}: ${median.toFixed(0)} ms median of ${sorted.map((ms) => ms.toFixed(0)).join(", ")}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function project(folder: string): string {
  mkdirSync(folder);
  writeAssembly(folder);
  writeWranglerProject(folder);
  return folder;
}

function ownDev(): Contender {
  const argv = [resolve("dist/esm/cli/bin.js"), "dev", "app", "--output", "cdktf.out"];
  return { name: `cfkv dev (Node ${process.versions.node})`, node: process.execPath, argv, ports: ["--port"] };
}

function installedWrangler(): Contender {
  return wrangler(createRequire(import.meta.url).resolve("wrangler/package.json"), process.execPath);
}

/** From the registry into a folder of its own; nothing when npm cannot. */
function currentWrangler(folder: string): Contender[] {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  const node = `node-${process.platform}-${process.arch}`;
  const packages = [`wrangler@${WRANGLER.version}`, `${node}@${WRANGLER.node}`];
  const npm = spawnSync("npm", ["install", "--no-audit", "--no-fund", ...packages], { cwd: folder, encoding: "utf8" });
  const binary = join(folder, "node_modules", node, "bin", "node");
  if (npm.status === 0 && existsSync(binary)) {
    return [wrangler(join(folder, "node_modules", "wrangler", "package.json"), binary)];
  }
  const reason = npm.stderr.split("\n").find((line) => /npm error/.test(line)) ?? "it put no node there";
  console.error(`NOT COMPARED with ${packages.join(" and ")}: npm cannot install them: ${reason}`);
  return [];
}

function wrangler(manifest: string, node: string): Contender {
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const said = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim().replace("v", "Node ");
  const argv = [join(dirname(manifest), "bin/wrangler.js"), "dev", "worker.js", "--ip", "127.0.0.1"];
  return { name: `wrangler dev ${version} (${said})`, node, argv, ports: ["--port", "--inspector-port"] };
}

function writeAssembly(folder: string): void {
  const stack = join(folder, "cdktf.out", "stacks", "app");
  mkdirSync(stack, { recursive: true });
  writeFileSync(join(stack, "index.js"), WORKER);
  const document = {
    resource: {
      cloudflare_workers_kv_namespace: { Cache: { account_id: "0".repeat(32), title: "app-cache" } },
      cloudflare_workers_script: {
        App: {
          account_id: "0".repeat(32),
          script_name: "app",
          content_file: "index.js",
          main_module: "index.js",
          compatibility_date: "2026-04-01",
          bindings: [
            { name: "CACHE", type: "kv_namespace", namespace_id: "${cloudflare_workers_kv_namespace.Cache.id}" },
          ],
        },
      },
    },
  };
  writeFileSync(join(stack, "cdk.tf.json"), JSON.stringify(document));
  const manifest = {
    version: "0.21.0",
    stacks: {
      app: {
        name: "app",
        constructPath: "app",
        workingDirectory: "stacks/app",
        synthesizedStackPath: "stacks/app/cdk.tf.json",
        annotations: [],
        dependencies: [],
      },
    },
  };
  writeFileSync(join(folder, "cdktf.out", "manifest.json"), JSON.stringify(manifest));
}

function writeWranglerProject(folder: string): void {
  writeFileSync(join(folder, "worker.js"), WORKER);
  const config = {
    name: "app",
    main: "worker.js",
    compatibility_date: "2026-04-01",
    kv_namespaces: [{ binding: "CACHE", id: "0".repeat(32) }],
  };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
}

/** Milliseconds from the start of the process to the first answer. */
async function firstResponse(cwd: string, { name, node, argv, ports }: Contender): Promise<number> {
  const free = await Promise.all(ports.map(freePort));
  const options = ports.flatMap((option, at) => [option, String(free[at])]);
  const env = { PATH: process.env["PATH"], HOME: cwd, CI: "1", WRANGLER_SEND_METRICS: "false" };
  const started = performance.now();
  const child = spawn(node, [...argv, ...options], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [child.stdout, child.stderr]) output.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    for (;;) {
      const ok = await fetch(`http://127.0.0.1:${free[0] ?? 0}/`).then(
        (response) => response.ok,
        () => false,
      );
      const ms = performance.now() - started;
      if (ok) return ms;
      if (child.exitCode !== null || ms > PATIENCE) throw new Error(`${name} does not answer: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    child.kill("SIGTERM");
    const killer = setTimeout(() => {
      console.error(`${name} does not end at SIGTERM; killed`);
      child.kill("SIGKILL");
    }, GRACE);
    await ended;
    clearTimeout(killer);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
