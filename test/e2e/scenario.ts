import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../src/local/emulator/emulator.js";
import { ACCOUNT, Api } from "./api.js";
import * as change from "./document.js";
import { Engine, StepFailed } from "./engines.js";
import { pin } from "./provider.js";

export interface Lifecycle {
  readonly steps: readonly string[];
}

/**
 * One stack through its life, against the emulator: every step is an apply, and a plan after it that is empty.
 *
 * @throws StepFailed with what the engine said
 */
export async function runLifecycle(command: string, version: string, folder: string): Promise<Lifecycle> {
  const original = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as change.Document;
  const data = mkdtempSync(join(tmpdir(), "cfkv-e2e-"));
  prepareNamespaces(data, original);
  const emulator = await startEmulator({ dataFolder: data });
  const api = new Api(emulator);
  const engine = new Engine(command, folder, environment(original, emulator));
  const steps: string[] = [];
  let current = change.unprotected(original);
  const step = async (name: string, document: change.Document): Promise<void> => {
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(document));
    current = document;
    await attempt(name, async () => {
      await engine.apply();
      await engine.expectEmptyPlan();
    });
    steps.push(name);
  };
  try {
    pin(folder, version);
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(current));
    const ready = await engine.init();
    if (ready.status !== 0) throw new StepFailed(ready.output);
    await attempt("validate", () => engine.validate());
    await step("apply", current);
    await step("rename", change.renamed(current));
    await step("TTL", change.withOtherTtl(current));
    await step("code", change.withProbe(current, folder));
    await readThroughWorkers(api, current);
    steps.push("Workers read KV");
    const before = current;
    await step("binding added", change.withOneMoreBinding(current, change.firstNamespace(current)?.account ?? ACCOUNT));
    await readThroughWorkers(api, current);
    await step("binding and namespace removed", before);
    const rollout = change.rolledOut(current);
    if (rollout !== undefined) await step("rollout", rollout);
    await importFirst(api, engine, current, step);
    await attempt("destroy", () => engine.destroy());
    steps.push("destroy");
    return { steps };
  } finally {
    await emulator.close();
    rmSync(data, { recursive: true, force: true });
  }
}

function environment(document: change.Document, { baseUrl }: Emulator): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { CLOUDFLARE_BASE_URL: baseUrl, CLOUDFLARE_API_TOKEN: "e2e".padEnd(40, "0") };
  for (const name of Object.keys(document.variable ?? {})) env[`TF_VAR_${name}`] = "not-a-secret";
  return env;
}

/** Ids the stack knows by heart cannot be had over the API, so they are put where the emulator keeps its own. */
function prepareNamespaces(data: string, document: change.Document): void {
  mkdirSync(data, { recursive: true });
  const namespaces = change.presupposed(document, ACCOUNT);
  writeFileSync(join(data, "state.json"), JSON.stringify({ version: 1, namespaces }));
}

async function importFirst(
  api: Api,
  engine: Engine,
  document: change.Document,
  step: (name: string, document: change.Document) => Promise<void>,
): Promise<void> {
  const first = change.firstNamespace(document);
  if (first === undefined) return;
  const id = (await api.namespaces(first.account)).find(({ title }) => title === first.title)?.id;
  if (id === undefined) throw new StepFailed(`import: the namespace '${first.title}' is not there`);
  await engine.forget(first.address);
  await step("import", change.withImport(document, first.address, `${first.account}/${id}`));
}

/** Writes a key into every namespace over the API and reads it back through every binding of every Worker. */
async function readThroughWorkers(api: Api, document: change.Document): Promise<void> {
  for (const account of new Set([ACCOUNT, ...change.accounts(document)])) {
    for (const { id, title } of await api.namespaces(account)) await api.put(id, "probe", `probe of ${title}`, account);
  }
  const expected = change.kvBindingNames(document).sort();
  for (const name of change.workerNames(document)) {
    const read = JSON.parse(await api.read(name)) as Record<string, string | null>;
    const found = Object.entries(read).flatMap(([binding, value]) => (value?.startsWith("probe of ") ? [binding] : []));
    const missing = Object.keys(read).filter((binding) => !found.includes(binding));
    if (missing.length > 0 || found.some((binding) => !expected.includes(binding)) || found.length === 0) {
      throw new StepFailed(
        `Worker ${name} reads ${JSON.stringify(read)}, expected a value of each of ${expected.join(", ")}`,
      );
    }
  }
}

async function attempt(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof StepFailed ? new StepFailed(`${name}: ${error.message}`) : error;
  }
}
