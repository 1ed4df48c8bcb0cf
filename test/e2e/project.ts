import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { CodedError, EnvironmentSet, type EnvironmentSetProps } from "../../src/index.js";
import { startEmulator } from "../../src/local/emulator/emulator.js";
import { ACCOUNT, Api } from "./api.js";
import { type Changes, Engine, StepFailed } from "./engines.js";
import { OutsideRange, pin, rangeWithout } from "./provider.js";

/** What is tried with a project of its own. */
export interface Scenario {
  readonly name: string;
  readonly run: (project: Project) => Promise<void>;
}

/**
 * Runs a scenario in a folder of its own, with its own emulator and lock.
 *
 * @throws StepFailed with the step, `OutsideRange` when a stack cannot be used with the version
 */
export async function runScenario({ run }: Scenario, command: string, version: string): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), "cfkv-e2e-project-"));
  const emulator = await startEmulator({});
  const { CI, CDKTF_CONTEXT_JSON: context } = process.env;
  // Hosted CI sets it, and then no lock would be written.
  delete process.env["CI"];
  delete process.env["CDKTF_CONTEXT_JSON"];
  try {
    writeFileSync(join(root, "cdktf.json"), "{}");
    const env = { CLOUDFLARE_BASE_URL: emulator.baseUrl, CLOUDFLARE_API_TOKEN: "e2e".padEnd(40, "0") };
    const project = new Project(root, new Api(emulator), (folder) => new Engine(command, folder, env), version);
    await run(project);
    return project.steps;
  } finally {
    Object.assign(process.env, {
      ...(CI !== undefined && { CI }),
      ...(context !== undefined && { CDKTF_CONTEXT_JSON: context }),
    });
    await emulator.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** A user's project: an app that changes, its lock, and what Terraform makes of it. */
export class Project {
  readonly steps: string[] = [];
  private readonly engines = new Map<string, Engine>();

  constructor(
    readonly root: string,
    readonly api: Api,
    private readonly engineFor: (folder: string) => Engine,
    private readonly version: string,
  ) {}

  /** Synthesizes the app as it is now. */
  synth(define: (app: App) => void): void {
    const app = new App({ outdir: join(this.root, "cdktf.out"), context: { lock: join(this.root, "cfkv.lock.json") } });
    define(app);
    app.synth();
  }

  /** Synthesizes one set, of two protected namespaces in one environment unless the props say something else. */
  set(props: Partial<EnvironmentSetProps>): void {
    this.synth((app) => {
      new EnvironmentSet(app, "shop", {
        app: "shop",
        accountId: ACCOUNT,
        namespaces: { SESSIONS: { purpose: "session" }, CACHE: { purpose: "cache" } },
        environments: { prod: {} },
        ...props,
      });
    });
  }

  /** Synthesizes stacks, each with a provider. */
  stacks(all: Readonly<Record<string, (stack: TerraformStack) => void>>): void {
    this.synth((app) => {
      for (const [name, define] of Object.entries(all)) {
        const stack = new TerraformStack(app, name);
        new CloudflareProvider(stack, "cloudflare");
        define(stack);
      }
    });
  }

  /** The synthesis must be refused with this code. */
  refused(step: string, code: string, synth: () => void): void {
    try {
      synth();
    } catch (error) {
      if (error instanceof CodedError && error.code === code) {
        this.steps.push(step);
        return;
      }
      throw error;
    }
    throw new StepFailed(`${step}: the synthesis went through, expected ${code}`);
  }

  /** Applies a stack; its plan must be what is expected, and the next one empty. */
  async apply(step: string, stack: string, expected: Partial<Changes>): Promise<void> {
    const engine = await this.#engine(stack);
    try {
      const changes = await engine.apply();
      for (const [verb, count] of Object.entries(expected)) {
        const found = changes[verb as keyof Changes];
        if (found !== count) throw new StepFailed(`the plan has ${found} to ${verb}, expected ${count}`);
      }
      await engine.expectEmptyPlan();
    } catch (error) {
      throw error instanceof StepFailed ? new StepFailed(`${step}: ${error.message}`) : error;
    }
    this.steps.push(step);
  }

  async expectEmptyPlan(step: string, stack: string): Promise<void> {
    await (await this.#engine(stack)).expectEmptyPlan();
    this.steps.push(step);
  }

  async destroy(step: string, stack: string): Promise<void> {
    await (await this.#engine(stack)).destroy();
    this.steps.push(step);
  }

  /** Terraform itself refuses to destroy what is protected. */
  async expectRefusedDestroy(step: string, stack: string): Promise<void> {
    const engine = await this.#engine(stack);
    const isRefused = await engine.destroy().then(
      () => false,
      (error: unknown) => error instanceof StepFailed && error.message.includes("Instance cannot be destroyed"),
    );
    if (!isRefused) throw new StepFailed(`${step}: '${stack}' is protected, and Terraform did not say so`);
    this.steps.push(step);
  }

  async outputs(stack: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.#engine(stack)).outputs();
  }

  /** Writes a key into the namespace with a title. @returns the namespace's id */
  async store(title: string): Promise<string> {
    const id = await this.api.idOf(title);
    if (id === undefined) throw new StepFailed(`the namespace '${title}' is not there`);
    await this.api.put(id, "k", "kept");
    return id;
  }

  /** The key that was written is still there, in a namespace of this title. */
  async kept(id: string, title: string): Promise<void> {
    const value = await this.api.get(id, "k");
    if (value !== "kept") throw new StepFailed(`the key in '${title}' is ${String(value)}, expected "kept"`);
    const now = await this.api.idOf(title);
    if (now !== id) throw new StepFailed(`'${title}' has the id ${String(now)}, expected ${id}`);
  }

  /** A Worker answers all the time that something takes. */
  async serving(worker: string, expected: string, work: () => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const failures: string[] = [];
    const requests = (async () => {
      let count = 0;
      while (!ended.signal.aborted) {
        const { status, text } = await this.api.visit(worker);
        if (status !== 200 || text !== expected) failures.push(`${status} ${text}`);
        count++;
        await setTimeout(10);
      }
      return count;
    })();
    try {
      await work();
    } finally {
      ended.abort();
    }
    const count = await requests;
    if (failures.length > 0) {
      throw new StepFailed(`${failures.length} of ${count} requests to ${worker} failed: ${failures[0] ?? ""}`);
    }
    this.steps.push(`${count} requests answered`);
  }

  /** Of a stack that is initialized once. */
  async #engine(stack: string): Promise<Engine> {
    const known = this.engines.get(stack);
    if (known !== undefined) return known;
    const folder = join(this.root, "cdktf.out", "stacks", stack);
    const range = rangeWithout(this.version, folder);
    if (range !== undefined) throw new OutsideRange(`stack '${stack}' asks for provider ${range}`);
    pin(folder, this.version);
    const engine = this.engineFor(folder);
    const { status, output } = await engine.init();
    if (status !== 0) throw new StepFailed(output);
    this.engines.set(stack, engine);
    return engine;
  }
}
