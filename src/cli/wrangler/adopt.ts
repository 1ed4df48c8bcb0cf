import { basename, dirname, join, resolve } from "node:path";
import type { CloudflareClient } from "../../cloudflare/client.js";
import { printable } from "../../values/text.js";
import { adoptAccount } from "../../wrangler/adopt/adopt-account.js";
import { matches } from "../../wrangler/adopt/group-names.js";
import type { AccountSnapshot, DeployedWorker } from "../../wrangler/adopt/snapshot.js";
import { printTypeScript } from "../../wrangler/import/print-typescript.js";
import { printYaml } from "../../wrangler/import/print-yaml.js";
import type { CommandContext } from "../command.js";
import type { AdoptOptions } from "../commands/adopt.js";
import { IMPORTED_FILE } from "../commands/import-wrangler.js";
import { Clients } from "../data/clients.js";
import { CloudflareFacts } from "./live-facts.js";
import { formOf, noteComments, refuseExisting, writeProject } from "./set-file.js";
import { writeNew } from "./write-new.js";

/** The folder beside the set that the code of Workers is saved in. */
const CODE = "adopted";

/** `cfkv adopt`: a set for each app of an account. */
export async function adoptCommand(options: AdoptOptions, context: CommandContext): Promise<void> {
  const { to = IMPORTED_FILE, match } = options;
  const { cwd, notes, results } = context;
  const form = formOf(to);
  const target = resolve(cwd, to);
  if (options.dryRun !== true) refuseExisting(target, to);

  const clients = new Clients(context);
  const client = clients.open(options.account);
  const codes = new Map<string, string>();
  const snapshot = await take(client, match, codes);
  const { sets, groups, unmanaged } = await adoptAccount(snapshot, match, new CloudflareFacts(clients));
  for (const line of groups) notes.line(printable(line));
  for (const line of unmanaged) notes.line(`${notes.paint("yellow", "unmanaged")} ${printable(line)}`);
  if (sets.length === 0) notes.line("nothing is there to adopt");
  if (options.dryRun === true || sets.length === 0) return;

  const heading = [
    `What account ${snapshot.accountId} has, by cfkv adopt.`,
    "Go through the comments that begin with 'decide' before you apply it.",
    ...unmanaged.map((line) => `unmanaged: ${line}`),
  ];
  const isApp = form === "typescript" && basename(target) === IMPORTED_FILE;
  const moduleForm = { heading, ...(!isApp && { functionName: "adopted" }) };
  await writeNew(target, to, form === "yaml" ? printYaml(sets, heading) : printTypeScript(sets, moduleForm));
  results.line(`wrote ${to}`);
  for (const [file, code] of codes) {
    await writeNew(join(dirname(target), file), file, code);
    results.line(`wrote ${join(dirname(to), file)}`);
  }
  if (isApp) await writeProject(dirname(target), cwd, context);
  noteComments(sets, context);
}

/** Reads the account. What is not to be adopted is only listed. */
async function take(
  client: CloudflareClient,
  pattern: string | undefined,
  codes: Map<string, string>,
): Promise<AccountSnapshot> {
  const { accountId, workers } = client;
  const namespaces = await client.listNamespaces();
  const databases = await client.listDatabases();
  const names = await client.listWorkers();
  const wanted = names.filter((name) => matches(name, pattern));
  const zones = wanted.length === 0 ? [] : await workers.listZones();
  const routes = [];
  for (const { id } of zones) {
    for (const route of await workers.listRoutes(id)) routes.push({ ...route, zoneId: id });
  }
  const domains = wanted.length === 0 ? [] : await workers.listDomains();
  const deployed: DeployedWorker[] = [];
  for (const name of names) {
    if (!wanted.includes(name)) {
      deployed.push({ ...NOTHING, name });
      continue;
    }
    const code = await workers.module(name);
    const file = code === undefined ? undefined : `${CODE}/${name}.js`;
    if (file !== undefined && code !== undefined) codes.set(file, code);
    deployed.push({
      name,
      ...(await workers.settings(name)),
      crons: await workers.crons(name),
      isOnWorkersDev: await workers.isOnWorkersDev(name),
      routes: routes.filter(({ worker }) => worker === name),
      domains: domains.filter(({ worker }) => worker === name),
      file,
    });
  }
  return { accountId, namespaces, databases, workers: deployed };
}

/** A Worker of which only the name matters. */
const NOTHING: Omit<DeployedWorker, "name"> = {
  bindings: [],
  compatibilityDate: undefined,
  compatibilityFlags: [],
  isLogpush: false,
  observability: undefined,
  crons: [],
  isOnWorkersDev: false,
  routes: [],
  domains: [],
  file: undefined,
};
