import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

/** Command to first response of \`cfkv dev\` and \`wrangler dev\`, in turns, on the same Worker with one namespace. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cfkv-bench-dev-"));
  try {
    writeAssembly(folder);
    writeWranglerProject(folder);
    const own = resolve("dist/esm/cli/bin.js");
    const theirs = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
    const times: Record<"cfkv" | "wrangler", number[]> = { cfkv: [], wrangler: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const port = String(await freePort());
      times.cfkv.push(await firstResponse(folder, [own, "dev", "app", "--output", "cdktf.out", "--port", port], port));
      times.wrangler.push(
        await firstResponse(folder, [theirs, "dev", "worker.js", "--port", port, "--ip", "127.0.0.1"], port),
      );
    }
    for (const [name, all] of Object.entries(times)) {
      const sorted = [...all].sort((a, b) => a - b);
      console.log(
        `${name} dev: ${(sorted[Math.floor(ROUNDS / 2)] ?? NaN).toFixed(0)} ms median of ${sorted.map((ms) => ms.toFixed(0)).join(", ")}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
async function firstResponse(cwd: string, argv: readonly string[], port: string): Promise<number> {
  const env = { PATH: process.env["PATH"], HOME: cwd, CI: "1", WRANGLER_SEND_METRICS: "false" };
  const started = performance.now();
  const child = spawn(process.execPath, argv, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    for (;;) {
      const ok = await fetch(`http://127.0.0.1:${port}/`).then(
        (response) => response.ok,
        () => false,
      );
      const ms = performance.now() - started;
      if (ok) return ms;
      if (child.exitCode !== null || ms > PATIENCE) throw new Error(`${argv.join(" ")} does not answer: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    child.kill("SIGTERM");
    const killer = setTimeout(() => {
      console.error(`${argv.join(" ")} does not end at SIGTERM; killed`);
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
