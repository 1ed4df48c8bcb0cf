import { dirname, resolve } from "node:path";
import { readAssembly } from "../../assembly/index.js";
import { exportConfig } from "../../wrangler/export-config.js";
import { type IdsByName, type LiveIds, ResourceIds } from "../../wrangler/resource-ids.js";
import { chooseFamily, relatedStacks } from "../../wrangler/worker-family.js";
import type { CommandContext } from "../command.js";
import { WRANGLER_FILE, type WranglerExportOptions } from "../commands/wrangler-export.js";
import { Clients } from "../data/clients.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { writeOrCheck } from "./write-or-check.js";

/** `cfkv wrangler export`: a Worker in all its environments, as wrangler configures it. */
export async function wranglerExportCommand(
  name: string | undefined,
  options: WranglerExportOptions,
  context: CommandContext,
): Promise<void> {
  const { out = WRANGLER_FILE, worker, live } = options;
  if (out !== "-" && !/\.jsonc?$/.test(out)) {
    throw new UsageError(`--out must end in .jsonc or .json, got '${out}'`, `as in --out ${WRANGLER_FILE}`);
  }
  const project = readProject(context, options.output);
  const assembly = readAssembly(project.output);
  const family = chooseFamily(relatedStacks(assembly, name), worker);
  const ids = new ResourceIds(assembly, live === true ? new AccountIds(new Clients(context)) : undefined);
  const target = out === "-" ? context.cwd : dirname(resolve(context.cwd, out));
  const { text, notes } = await exportConfig(family, ids, { project: project.directory, target });
  for (const note of notes) context.notes.line(`${context.notes.paint("yellow", "note")} ${note}`);
  await writeOrCheck({ out, text, command: "cfkv wrangler export", check: options.check }, context);
}

/** Lists an account's names once, however many are looked up. */
class AccountIds implements LiveIds {
  private readonly lists = new Map<string, Promise<IdsByName>>();

  constructor(private readonly clients: Clients) {}

  namespaces(accountId: string | undefined): Promise<IdsByName> {
    return this.list(`namespaces ${accountId ?? ""}`, async () => {
      const all = await this.clients.open(accountId).listNamespaces();
      return new Map(all.map(({ namespaceName, id }) => [namespaceName, id]));
    });
  }

  databases(accountId: string | undefined): Promise<IdsByName> {
    return this.list(`databases ${accountId ?? ""}`, async () => {
      const all = await this.clients.open(accountId).listDatabases();
      return new Map(all.map(({ name, databaseId }) => [name, databaseId]));
    });
  }

  private list(key: string, load: () => Promise<IdsByName>): Promise<IdsByName> {
    const known = this.lists.get(key) ?? load();
    this.lists.set(key, known);
    return known;
  }
}
