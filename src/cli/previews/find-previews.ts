import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAssembly, type Stack } from "../../assembly/index.js";
import type { CloudflareClient } from "../../cloudflare/client.js";
import { InputError } from "../../errors.js";
import { byText } from "../../values/text.js";
import { appOf, runApp } from "../app/run-app.js";
import { showingOutput } from "../app/synth.js";
import type { CommandContext } from "../command.js";
import { Clients } from "../data/clients.js";
import { accountsOf } from "../deploy/engines.js";
import { readProject } from "../project.js";

/** A preview that stands where its name goes. No pull request or branch is called so. */
const PLACEHOLDER = "q0cfkvq0";

/** A resource of a preview, with its id where Cloudflare has one. */
interface Found {
  readonly name: string;
  readonly id: string;
}

/** What exists of one preview. */
export interface Preview {
  /** As `CFKV_PREVIEW` had it: `pr-12`. */
  readonly preview: string;
  readonly stack: string;
  readonly workers: readonly string[];
  readonly namespaces: readonly Found[];
  readonly databases: readonly Found[];
  /** When a Worker was deployed last, in milliseconds since 1970; unknown without a Worker. */
  readonly deployedOn?: number;
  readonly client: CloudflareClient;
}

/**
 * Finds the previews of an app at Cloudflare: it is synthesized for a preview with a name of our own, and what exists
 * under the names that it gives then, with any other name in its place, belongs to a preview.
 *
 * @throws InputError `PREVIEWS_UNKNOWN` when the app has no previews, or does not tell them apart
 */
export async function findPreviews(context: CommandContext): Promise<readonly Preview[]> {
  const clients = new Clients(context);
  const found: Preview[] = [];
  for (const stack of await previewStacks(context)) found.push(...(await previewsOf(stack, clients)));
  return found.sort((a, b) => byText(a.stack, b.stack));
}

async function previewStacks(context: CommandContext): Promise<readonly Stack[]> {
  const project = readProject(context);
  appOf(project);
  const output = mkdtempSync(join(tmpdir(), "cfkv-previews-"));
  try {
    // Nothing is deployed from it, so the lock is left alone.
    const env = { ...context.env, CFKV_PREVIEW: PLACEHOLDER, CFKV_DEV: "1" };
    await showingOutput(context.notes, (onOutput) => runApp({ ...project, output }, env, onOutput));
    const stacks = readAssembly(output).stacks.filter(({ developer }) => developer === PLACEHOLDER);
    if (stacks.length > 0) return stacks;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
  throw new InputError(
    "PREVIEWS_UNKNOWN",
    "the app has no environment of previews",
    "give an EnvironmentSet one: environments: { preview: { perBranch: true } }",
  );
}

async function previewsOf(stack: Stack, clients: Clients): Promise<readonly Preview[]> {
  const client = clients.open(accountsOf(stack)[0]);
  const patterns = {
    workers: stack.workers.map(({ name }) => patternOf(name)),
    namespaces: stack.namespaces.flatMap(({ managed, name }) =>
      managed && name !== undefined ? [patternOf(name)] : [],
    ),
    databases: stack.databases.flatMap(({ managed, name }) => (managed && name !== undefined ? [patternOf(name)] : [])),
  };
  const workers = patterns.workers.length === 0 ? [] : await client.listWorkerUploads();
  const namespaces = await client.listNamespaces();
  const databases = patterns.databases.length === 0 ? [] : await client.listDatabases();
  const previews = new Map<string, Parts>();
  const partsOf = (preview: string): Parts => {
    const parts = previews.get(preview) ?? { workers: [], namespaces: [], databases: [], deployedOn: [] };
    previews.set(preview, parts);
    return parts;
  };
  for (const { name, modifiedOn } of workers) {
    const preview = matched(name, patterns.workers);
    if (preview === undefined) continue;
    partsOf(preview).workers.push(name);
    if (modifiedOn !== undefined) partsOf(preview).deployedOn.push(modifiedOn);
  }
  for (const { namespaceName: name, id } of namespaces) {
    const preview = matched(name, patterns.namespaces);
    if (preview !== undefined) partsOf(preview).namespaces.push({ name, id });
  }
  for (const { name, databaseId: id } of databases) {
    const preview = matched(name, patterns.databases);
    if (preview !== undefined) partsOf(preview).databases.push({ name, id });
  }
  return [...previews].map(([preview, { deployedOn, ...parts }]) => ({
    preview,
    stack: stack.name.replaceAll(PLACEHOLDER, preview),
    ...parts,
    ...(deployedOn.length > 0 && { deployedOn: Math.max(...deployedOn) }),
    client,
  }));
}

interface Parts {
  readonly workers: string[];
  readonly namespaces: Found[];
  readonly databases: Found[];
  readonly deployedOn: number[];
}

/** What a name of a preview looks like. One that is the same for all previews belongs to none of them. */
function patternOf(name: string): RegExp {
  const parts = name.split(PLACEHOLDER).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const [before = "", ...after] = parts;
  if (after.length !== 1 || before + (after[0] ?? "") === "") {
    throw new InputError(
      "PREVIEWS_UNKNOWN",
      `the name '${name.replaceAll(PLACEHOLDER, "<preview>")}' does not tell previews apart`,
      "make the set's 'naming' use the developer once, which is the preview's name there",
    );
  }
  return new RegExp(`^${before}([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)${after[0] ?? ""}$`);
}

function matched(name: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const preview = pattern.exec(name)?.[1];
    if (preview !== undefined) return preview;
  }
  return undefined;
}
