import { resolve } from "node:path";
import { chooseStack, readAssembly } from "../assembly/index.js";
import { InputError } from "../errors.js";
import { devConfig } from "./dev/config.js";
import { runningVersions } from "./dev/running-workers.js";
import { assemble } from "./engine/miniflare-options.js";

export interface TestOptionsWish {
  /**
   * The folder of `cdktf.json`, absolute or relative to the working directory.
   *
   * @default - the working directory
   */
  readonly project?: string;
  /**
   * The assembly's folder in it.
   *
   * @default "cdktf.out"
   */
  readonly output?: string;
  /**
   * A stack, or an environment.
   *
   * @default - the environment `dev`
   */
  readonly stack?: string;
  /**
   * The developer whose stack is meant.
   *
   * @default - the first
   */
  readonly developer?: string;
  /**
   * The name of the Worker that is tested; others of the stack run beside it.
   *
   * @default - the one that no other Worker calls
   */
  readonly worker?: string;
  /**
   * Values of secrets, and values that replace vars.
   *
   * @default - secrets are absent from `env`; `.dev.vars` is not read
   */
  readonly vars?: Readonly<Record<string, string>>;
}

/** What `@cloudflare/vitest-pool-workers` needs to know of a Worker. */
export interface TestOptions {
  /** The absolute path of the entry; absent when the code is not `WorkerCode.fromEntry`. */
  readonly main?: string;
  /** Options of Miniflare: date, flags and bindings, and the Workers that this one calls. */
  readonly miniflare: Record<string, unknown>;
}

/**
 * The options with which `@cloudflare/vitest-pool-workers` runs a Worker of a stack as `cfkv dev` does. The assembly is
 * read: synthesize it first.
 *
 * @example
 * export default defineWorkersConfig({ test: { poolOptions: { workers: testOptions() } } });
 *
 * @throws InputError `ASSEMBLY_MISSING` when nothing was synthesized, `STACK_UNKNOWN` or `STACK_NOT_CHOSEN` as in
 * commands, `WORKER_UNKNOWN` when the stack has no such Worker
 */
export function testOptions(wish: TestOptionsWish = {}): TestOptions {
  const { project = ".", output = "cdktf.out", stack: name, developer, vars = {} } = wish;
  const assembly = readAssembly(resolve(project, output));
  const stack = chooseStack(assembly, { ...(name && { name }), ...(developer && { developer }) });
  const { engine, workers } = devConfig(assembly, stack, new Map(Object.entries(vars)));
  const tested = wish.worker ?? engine.defaultWorker ?? "";
  const worker = workers.find((each) => each.name === tested);
  if (worker === undefined) {
    const names = workers.map((each) => each.name);
    const message = `stack ${stack.name} has no Worker '${tested}'`;
    throw new InputError("WORKER_UNKNOWN", message, `it has ${names.join(", ") || "no Workers"}`);
  }
  // The pool runs one version of the Worker, the newest that gets traffic.
  const [version] = runningVersions(worker).slice(-1);
  const single = engine.workers.map((each) => ({ ...each, versions: each.versions.slice(-1) }));
  const assembled = assemble({
    config: { ...engine, workers: single },
    router: { secret: "", hosts: [] },
    // The pool has a workerd of its own, which says itself when a date is too new.
    newestDate: "9999-12-31",
    hasMeter: false,
  });
  const users = assembled.workers.filter((each) => !each.name.startsWith("cfkv:"));
  const {
    name: _name,
    modules: _modules,
    modulesRoot: _root,
    script: _script,
    ...miniflare
  } = users.find((each) => each.name === tested) ?? {};
  const entry = version?.source?.entry;
  return {
    ...(entry === undefined ? {} : { main: resolve(project, entry) }),
    miniflare: { ...miniflare, workers: users.filter((each) => each.name !== tested) },
  };
}
