/* eslint-disable no-console, no-undef, @typescript-eslint/no-dynamic-delete -- a program of its own: what it prints is its interface */
// Behaves like Terraform, together with the script that deploy-cli.ts writes, as far as cfkv uses it: the same verbs, files, exit codes and JSON. Namespaces are created,
// renamed and deleted over the API that CLOUDFLARE_BASE_URL names, so that what cfkv counts and seeds is there.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const NAMESPACE = "cloudflare_workers_kv_namespace";
const [verb = "", ...args] = process.argv.slice(2);
const { env } = process;
if (env.STAND_IN_LOG) appendFileSync(env.STAND_IN_LOG, `${JSON.stringify({ verb, args, cwd: process.cwd() })}\n`);

const fail = (message) => {
  console.error(`\nError: ${message}\n`);
  process.exit(1);
};
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const document = () => read("cdk.tf.json");
const statePath = () => document().terraform?.backend?.local?.path ?? "terraform.tfstate";
const readState = () => (existsSync(statePath()) ? read(statePath()) : { resources: {}, outputs: {} });

/** @returns every resource that is defined, by address */
function defined() {
  const protection = readdirSync(".")
    .filter((name) => name.endsWith("_override.tf.json"))
    .map(read);
  const all = {};
  for (const [type, resources] of Object.entries(document().resource ?? {})) {
    for (const [name, { lifecycle = {}, ...attributes }] of Object.entries(resources)) {
      const changed = protection.map((file) => file.resource?.[type]?.[name]?.lifecycle ?? {});
      all[`${type}.${name}`] = { attributes, lifecycle: Object.assign({}, lifecycle, ...changed) };
    }
  }
  return all;
}

async function api(method, path, body) {
  const response = await fetch(`${env.CLOUDFLARE_BASE_URL}${path}`, {
    method,
    headers: { authorization: `Bearer ${env.CLOUDFLARE_API_TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}
const namespacesOf = (account) => `/accounts/${account}/storage/kv/namespaces`;

function change(address, actions, before, after, unknown = {}) {
  const [type, name] = address.split(".");
  const marks = { before_sensitive: {}, after_sensitive: type === "secret" ? { text: true } : {} };
  return { address, mode: "managed", type, name, change: { actions, before, after, after_unknown: unknown, ...marks } };
}

function plan(isDestroy) {
  const { resources } = readState();
  const wanted = isDestroy ? {} : defined();
  const changes = [];
  for (const [address, { attributes }] of Object.entries(wanted)) {
    const before = resources[address];
    if (before === undefined) changes.push(change(address, ["create"], null, attributes, { id: true }));
    else {
      const differs = Object.keys(attributes).some(
        (key) => JSON.stringify(attributes[key]) !== JSON.stringify(before[key]),
      );
      if (differs) changes.push(change(address, ["update"], before, { ...before, ...attributes }));
    }
  }
  for (const [address, before] of Object.entries(resources)) {
    if (wanted[address] !== undefined) continue;
    if (defined()[address]?.lifecycle.prevent_destroy === true) fail("Instance cannot be destroyed");
    changes.push(change(address, ["delete"], before, null));
  }
  const known = readState().outputs;
  const outputs = Object.keys(isDestroy ? {} : (document().output ?? {})).filter((name) => known[name] === undefined);
  const made = Object.fromEntries(outputs.map((name) => [name, { actions: ["create"] }]));
  return { format_version: "1.2", isDestroy, resource_changes: changes, output_changes: made };
}

/** What somebody else changed: only namespaces are looked up. */
async function drift() {
  const found = [];
  for (const [address, before] of Object.entries(readState().resources)) {
    if (!address.startsWith(NAMESPACE)) continue;
    const { result } = await api("GET", `${namespacesOf(before.account_id)}?per_page=100`);
    const now = result.find(({ id }) => id === before.id);
    if (now === undefined) found.push(change(address, ["delete"], before, null));
    else if (now.title !== before.title)
      found.push(change(address, ["update"], before, { ...before, title: now.title }));
  }
  return { format_version: "1.2", resource_changes: [], resource_drift: found, output_changes: {} };
}

async function applyOne({ address, change: { actions, before, after } }) {
  const isNamespace = address.startsWith(NAMESPACE);
  console.log(`${address}: ${actions[0]}...`);
  if (actions[0] === "create") {
    const made = isNamespace ? await api("POST", namespacesOf(after.account_id), { title: after.title }) : undefined;
    if (made?.success === false) fail(made.errors[0].message);
    return { ...after, id: made?.result.id ?? address };
  }
  const path = isNamespace ? `${namespacesOf(before.account_id)}/${before.id}` : "";
  if (actions[0] === "update") {
    if (isNamespace) await api("PUT", path, { title: after.title });
    return after;
  }
  if (isNamespace) await api("DELETE", path);
  return undefined;
}

async function apply(file) {
  const state = readState();
  if (env.STAND_IN_FAILS) fail(env.STAND_IN_FAILS);
  if (env.STAND_IN_WAITS) {
    console.log("working until interrupted");
    await new Promise((resolve) => {
      const alive = setInterval(() => undefined, 1000);
      process.once("SIGINT", () => resolve(clearInterval(alive)));
    });
    fail("execution halted");
  }
  for (const each of read(file).resource_changes) {
    const result = await applyOne(each);
    if (result === undefined) delete state.resources[each.address];
    else state.resources[each.address] = result;
  }
  const resolved = (value) => {
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).map(([key, item]) => [key, resolved(item)]);
      return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
    }
    const [, address, field] = /^\$\{([\w-]+\.[\w-]+)\.(\w+)\}$/.exec(String(value)) ?? [];
    return address === undefined ? value : state.resources[address]?.[field];
  };
  state.outputs = Object.fromEntries(
    Object.entries(read(file).isDestroy ? {} : (document().output ?? {})).map(
      ([name, { value, sensitive = false }]) => [name, { value: resolved(value), sensitive }],
    ),
  );
  writeFileSync(statePath(), JSON.stringify(state));
  console.log("Apply complete!\n\nOutputs:\n");
  console.log(
    Object.entries(state.outputs)
      .map(([name, { value }]) => `${name} = ${JSON.stringify(value)}`)
      .join("\n"),
  );
}

switch (verb) {
  case "init":
    if (!env.TF_PLUGIN_CACHE_DIR) fail("no cache for providers");
    mkdirSync(".terraform", { recursive: true });
    break;
  case "plan": {
    if (!existsSync(".terraform")) fail('Backend initialization required, please run "terraform init"');
    const made = args.includes("-refresh-only") ? await drift() : plan(args.includes("-destroy"));
    writeFileSync(args.find((word) => word.startsWith("-out=")).slice("-out=".length), JSON.stringify(made));
    break;
  }
  case "apply":
    await apply(args.at(-1));
    break;
  case "output":
    console.log(JSON.stringify(readState().outputs));
    break;
  default:
    fail(`there is no verb ${verb}`);
}
