import { namespaceLabel, type Stack, type WorkerVersion } from "../assembly/index.js";
import { isObject, type JsonObject } from "../values/json.js";
import { byText } from "../values/text.js";
import { changedDetail, moved, nameOf } from "./change-names.js";
import type { Described } from "./described.js";
import type { ResourceChange } from "./plan.js";

/** What happens to a Worker's code, its bindings and the traffic. */
export function workerWords(change: ResourceChange, stack: Stack): Described | undefined {
  const { type, action } = change;
  if (type !== "cloudflare_workers_script" && type !== "cloudflare_worker" && type !== "cloudflare_worker_version") {
    return undefined;
  }
  const isVersion = type === "cloudflare_worker_version";
  const owner = stack.workers.find(
    ({ logicalId, versions }) =>
      logicalId === change.logicalId || versions.some((version) => version.logicalId === change.logicalId),
  );
  const version = owner?.versions.find(({ logicalId }) => logicalId === change.logicalId);
  const name = isVersion ? (owner?.name ?? nameOf(change)) : nameOf(change);
  const label = isVersion ? `${releaseOf(change) ?? "version"} of Worker '${name}'` : `Worker '${name}'`;
  const isNew = action === "create" || action === "replace";
  const hasCode = type !== "cloudflare_worker";
  return {
    subject: "workers",
    name,
    text: label + consequence(change),
    details: [
      ...(hasCode && isNew ? bound(version) : []),
      ...(action === "update" ? updates(change, version) : []),
      ...moved(change),
    ],
  };
}

function consequence({ type, action, changed }: ResourceChange): string {
  if (type === "cloudflare_worker_version") return action === "delete" ? "" : "; traffic follows its deployment";
  switch (action) {
    case "update":
      return type === "cloudflare_workers_script" &&
        changed.some((name) => name.startsWith("content") || name === "bindings")
        ? "; all traffic goes to the new version at once"
        : "";
    case "delete":
      return "; it stops answering";
    case "replace":
      return "; it stops answering until the new one is there";
    case "forget":
      return "; it stays at Cloudflare and answers as before";
    case "create":
    case "adopt":
    case "move":
      return "";
  }
}

/** The name of a release, as the constructs write it: `release v2`. */
function releaseOf({ before, after }: ResourceChange): string | undefined {
  for (const { annotations } of [after, before]) {
    const message = isObject(annotations) ? annotations["workers_message"] : undefined;
    if (typeof message === "string" && message !== "") return message;
  }
  return undefined;
}

/** The bindings of a new Worker. */
function bound(version: WorkerVersion | undefined): string[] {
  return (version?.bindings ?? []).map((binding) =>
    binding.kind === "kv_namespace"
      ? `binds ${binding.name} to namespace '${namespaceLabel(binding.namespace)}'`
      : `binds ${binding.name} (${wordFor(binding.kind === "other" ? binding.type : binding.kind)})`,
  );
}

/** What differs in a Worker that is there already. Values are not shown: they may be secret, or long. */
function updates({ before, after, changed }: ResourceChange, version: WorkerVersion | undefined): string[] {
  const own = new Set(["bindings", "content", "content_file", "content_sha256", "content_base64", "modules"]);
  const hasCode = changed.some((name) => name !== "bindings" && own.has(name));
  return [
    ...(hasCode ? ["new code"] : []),
    ...(changed.includes("bindings") ? bindingUpdates(before["bindings"], after["bindings"], version) : []),
    ...changedDetail(changed.filter((name) => !own.has(name))),
  ];
}

function bindingUpdates(before: unknown, after: unknown, version: WorkerVersion | undefined): string[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort(byText);
  return names.flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    const word = wordFor(String((is ?? was)?.["type"]));
    const target = version?.bindings.find((binding) => binding.name === name);
    const to = target?.kind === "kv_namespace" ? ` to namespace '${namespaceLabel(target.namespace)}'` : ` (${word})`;
    if (is === undefined) return [`no longer binds ${name} (${word})`];
    if (was === undefined) return [`binds ${name}${to}`];
    if (JSON.stringify(filled(was)) === JSON.stringify(filled(is))) return [];
    return [was["type"] === "kv_namespace" ? `now binds ${name}${to}` : `another value of ${name} (${word})`];
  });
}

function byName(list: unknown): ReadonlyMap<string, JsonObject> {
  const bindings = Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
  return new Map(bindings.map((binding) => [String(binding["name"]), binding]));
}

/** Without the many attributes that are null. */
function filled(binding: JsonObject): [string, unknown][] {
  return Object.entries(binding)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => byText(a, b));
}

function wordFor(kind: string): string {
  return WORDS.get(kind) ?? kind;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["plain_text", "text"],
  ["json", "JSON"],
  ["secret_text", "secret"],
  ["d1", "database"],
  ["kv_namespace", "namespace"],
]);

/** What happens to the addresses, schedules and the traffic of a Worker. */
export function workerPartWords(change: ResourceChange): Described | undefined {
  const say = PARTS.get(change.type);
  if (say === undefined) return undefined;
  const side = change.action === "delete" ? change.before : { ...change.before, ...change.after };
  const worker = textOf(side["script_name"] ?? side["service"] ?? side["script"]) ?? nameOf(change);
  return { subject: "workers", name: worker, text: say(side, worker, change), details: moved(change) };
}

type Say = (side: JsonObject, worker: string, change: ResourceChange) => string;

const PARTS: ReadonlyMap<string, Say> = new Map<string, Say>([
  ["cloudflare_workers_route", ({ pattern }, worker) => `route ${textOf(pattern) ?? ""} to Worker '${worker}'`],
  [
    "cloudflare_workers_custom_domain",
    ({ hostname }, worker) => `custom domain ${textOf(hostname) ?? ""} of Worker '${worker}'`,
  ],
  [
    "cloudflare_workers_script_subdomain",
    ({ enabled }, worker) => `workers.dev address of Worker '${worker}'${enabled === false ? ", turned off" : ""}`,
  ],
  [
    "cloudflare_workers_cron_trigger",
    ({ schedules }, worker) => `crons of Worker '${worker}': ${textsOf(schedules, "cron").join(", ") || "none"}`,
  ],
  [
    "cloudflare_workers_deployment",
    (_, worker, { before, after, action }) =>
      action === "update" || action === "replace"
        ? `traffic of Worker '${worker}': from ${shares(before)} to ${shares(after)}`
        : `traffic of Worker '${worker}': ${shares(action === "delete" ? before : after)}`,
  ],
]);

/** `100 %`, or `90 % / 10 %`, in the order of the versions. */
function shares({ versions }: JsonObject): string {
  const all = Array.isArray(versions) ? (versions as unknown[]).filter(isObject) : [];
  return all.map(({ percentage }) => `${String(percentage)} %`).join(" / ") || "none";
}

function textsOf(list: unknown, field: string): string[] {
  const items = Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
  return items.flatMap((item) => textOf(item[field]) ?? []);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
