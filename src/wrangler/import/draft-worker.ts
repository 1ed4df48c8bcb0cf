import { isBuiltInName, isIdentifier } from "../../kv/names.js";
import type { JsonValue } from "../../values/json.js";
import type { EnvironmentConfig } from "./config-schema.js";
import { draftAddresses } from "./draft-addresses.js";
import { draftBindings, type Repath } from "./draft-bindings.js";
import { decide, type DraftWorker, leftOut } from "./draft.js";
import { isWorkerName } from "./config-schema.js";
import { WRANGLER_FIELDS } from "./fields.js";
import type { LiveFacts } from "./live-facts.js";
import { field, object, type Written, written, type WrittenField } from "./written.js";

/** What a Worker is drafted from. */
export interface WorkerInput {
  readonly config: EnvironmentConfig;
  readonly repath: Repath;
  readonly live: LiveFacts | undefined;
}

/** A Worker and what did not become one of its fields. */
export interface WorkerDraft {
  readonly worker: DraftWorker | undefined;
  readonly comments: readonly string[];
}

/** Answers every request that no static file does: a Worker of the provider must have code. */
const NO_CODE = 'export default { fetch: () => new Response("not found", { status: 404 }) };';

/** Drafts the Worker of an environment. */
export async function draftWorker(input: WorkerInput): Promise<WorkerDraft> {
  const { name: given } = input.config;
  if (given === undefined || isWorkerName(given)) return draftNamed(input);
  // Made of the environment's name, which may be anything.
  const { name: _, ...config } = input.config;
  const { worker, comments } = await draftNamed({ ...input, config });
  const text = `the Worker's name '${given}' is not valid here: the first apply creates one with the set's name`;
  return { worker, comments: [decide(text), ...comments] };
}

async function draftNamed(input: WorkerInput): Promise<WorkerDraft> {
  const { config, live } = input;
  const why = notAWorker(config);
  if (why !== undefined) return { worker: undefined, comments: [leftOut("the Worker", why)] };

  const accountId = config.account_id || undefined;
  const { name } = config;
  const databases = (await live?.databases(accountId)) ?? new Map<string, string>();
  const addresses = await draftAddresses(config, name, live);
  const bindings = draftBindings(config, input.repath, databases);
  const { vars, comments: varComments } = draftVars(config);
  const adoption = await adopt(input, addresses);
  const code = draftCode(input);
  return {
    worker: {
      own: [
        ...(name === undefined ? [] : [field("workerName", written(name))]),
        ...bindings.fields.filter(({ name: binding }) => binding === "d1"),
        ...addresses.fields,
        ...adoption.fields,
      ],
      shared: [
        field("code", code.value),
        ...optional("compatibilityDate", config.compatibility_date),
        ...optional("compatibilityFlags", nonEmpty(config.compatibility_flags)),
        ...bindings.fields.filter(({ name: binding }) => binding !== "d1"),
        ...assets(config, input.repath),
        ...optional("crons", nonEmpty(config.triggers?.crons)),
        ...settings(config),
      ],
      vars,
    },
    comments: [
      ...code.comments,
      ...addresses.comments,
      ...adoption.comments,
      ...varComments,
      ...bindings.comments,
      ...settingComments(config),
    ],
  };
}

function notAWorker(config: EnvironmentConfig): string | undefined {
  const { main, assets: files, no_bundle: isBuilt } = config;
  if (config["pages_build_output_dir"] !== undefined) return "a Pages project is not a Worker of Terraform's";
  if (main === undefined && files === undefined) return "the configuration has neither main nor assets";
  if (main?.endsWith(".py") === true) return "Workers in Python cannot be bundled: keep deploying it with wrangler";
  if (main !== undefined && isBuilt !== true && !/\.[cm]?[jt]sx?$/.test(main)) {
    return `'${main}' is not JavaScript or TypeScript: keep deploying it with wrangler`;
  }
  return undefined;
}

interface DraftCode {
  readonly value: Written;
  readonly comments: readonly string[];
}

function draftCode({ config, repath }: WorkerInput): DraftCode {
  const { main, no_bundle: isBuilt, minify, upload_source_maps: sourceMap, define = {} } = config;
  if (main === undefined) {
    return {
      value: codeOf("fromInline", { inline: NO_CODE }),
      comments: [decide("there is only assets: requests without a file are answered by this code")],
    };
  }
  const file = repath(main);
  if (isBuilt === true) return { value: codeOf("fromFile", { file }), comments: [] };
  const options = {
    ...(minify === true && { minify }),
    ...(sourceMap === true && { sourceMap }),
    ...(Object.keys(define).length > 0 && { define }),
  };
  return { value: codeOf("fromEntry", { entry: file, ...options }), comments: [] };
}

/** `WorkerCode.fromEntry("src/index.ts", { minify: true })`, and in YAML `{ entry, minify }`, or the entry alone. */
function codeOf(factory: string, fields: Readonly<Record<string, JsonValue>>): Written {
  const [source = "", ...others] = Object.values(fields);
  const names = Object.keys(fields).slice(1);
  const options = Object.fromEntries(names.map((name, at) => [name, others[at] ?? null]));
  const isPlain = factory === "fromEntry" && names.length === 0;
  return {
    type: "call",
    callee: `WorkerCode.${factory}`,
    arguments: [written(source), ...(names.length > 0 ? [written(options)] : [])],
    yaml: isPlain ? written(source) : written(fields),
  };
}

function draftVars({ vars = {} }: EnvironmentConfig): { vars: WrittenField[]; comments: string[] } {
  const fields: WrittenField[] = [];
  const comments: string[] = [];
  for (const [name, value] of Object.entries(vars)) {
    // The library's own: it is made from the namespaces.
    if (name === "KV_DEFAULTS") continue;
    if (isIdentifier(name) && !isBuiltInName(name)) fields.push(field(name, written(value)));
    else comments.push(decide(`vars '${name}' needs another name: bindings must be JavaScript identifiers`));
  }
  return { vars: fields, comments };
}

function assets({ assets: files }: EnvironmentConfig, repath: Repath): WrittenField[] {
  if (files?.directory === undefined) return [];
  const { directory, binding, html_handling: html, not_found_handling: notFound, run_worker_first: first } = files;
  return optional("assets", {
    directory: repath(directory),
    ...(binding !== undefined && { binding }),
    ...(html !== undefined && { htmlHandling: html }),
    ...(notFound !== undefined && { notFoundHandling: notFound }),
    ...(first !== undefined && { runWorkerFirst: first }),
  });
}

function settings({ observability, limits, placement, logpush, tail_consumers: tails }: EnvironmentConfig) {
  const { enabled = observability?.logs?.enabled ?? false, logs } = observability ?? {};
  const rate = logs?.head_sampling_rate ?? observability?.head_sampling_rate;
  const invocationLogs = logs?.invocation_logs;
  return [
    ...optional("observability", {
      enabled,
      ...(rate !== undefined && { headSamplingRate: rate }),
      ...(invocationLogs !== undefined && { invocationLogs }),
    }),
    ...optional("limits", limits?.cpu_ms === undefined ? undefined : { cpuMs: limits.cpu_ms }),
    ...optional("placement", placement?.mode === "smart" ? { mode: "smart" } : undefined),
    ...optional("logpush", logpush),
    ...optional("tailConsumers", nonEmpty(tails?.map(({ service }) => service))),
  ];
}

/** Parts of fields that have become something else without them. */
function settingComments(config: EnvironmentConfig): string[] {
  const { limits, placement, observability, tail_consumers: tails = [], assets: files, build } = config;
  const { logs } = observability ?? {};
  const parts: readonly (readonly [name: string, value: unknown, why: string])[] = [
    ["limits.subrequests", limits?.subrequests, "the provider cannot set it"],
    ["placement.hint", placement?.hint, "the provider has only the mode smart"],
    ["placement.region", placement?.region, "the provider has only the mode smart"],
    ["placement.host", placement?.host, "the provider has only the mode smart"],
    ["placement.hostname", placement?.hostname, "the provider has only the mode smart"],
    ["observability.traces", observability?.traces, "there is no prop for it"],
    ["observability.logs.persist", logs?.persist, "there is no prop for it"],
    ["observability.logs.destinations", logs?.destinations, "there is no prop for it"],
    ...tails.map(
      ({ service, environment }) =>
        [`environment of tail_consumers '${service}'`, environment, "each environment is a Worker of its own"] as const,
    ),
  ];
  return [
    ...parts.filter(([, value]) => value !== undefined).map(([name, , why]) => leftOut(name, why)),
    ...(placement?.mode === "smart"
      ? [decide("placement needs provider 5.16: remove it, or everything that needs a newer provider")]
      : []),
    ...(files !== undefined && files.directory === undefined
      ? [decide("assets has no directory: a build tool adds it; write its output folder into assets.directory")]
      : []),
    ...(build?.command === undefined ? [] : [decide(`build.command: run \`${build.command}\` before cfkv synth`)]),
  ];
}

async function adopt(
  { config, live }: WorkerInput,
  { routeIds, domainIds }: { routeIds: Readonly<Record<string, string>>; domainIds: Readonly<Record<string, string>> },
): Promise<{ fields: WrittenField[]; comments: string[] }> {
  const { name } = config;
  const accountId = config.account_id || undefined;
  const exists = live && name !== undefined ? (await live.workers(accountId)).includes(name) : undefined;
  const stored = live && name !== undefined && exists === true ? await live.secrets(accountId, name) : [];
  const secrets = [...new Set([...(config.secrets?.required ?? []), ...stored])].sort();
  const kept = `secrets stay as they are: ${secrets.join(", ")}. Listed in \`secrets\`, Terraform would set them`;
  const comments = secrets.length === 0 ? [] : [kept];
  if (name === undefined) return { fields: [], comments };
  if (exists === false) {
    return {
      fields: [],
      comments: [`the account has no Worker '${name}' yet: the first apply creates it`, ...comments],
    };
  }
  const ids = [
    ...(Object.keys(routeIds).length > 0 ? [field("routes", written(routeIds))] : []),
    ...(Object.keys(domainIds).length > 0 ? [field("customDomains", written(domainIds))] : []),
  ];
  const unsure = exists === undefined ? [decide("remove `adopt` where the Worker was never deployed")] : [];
  return {
    fields: [field("adopt", ids.length > 0 ? object(ids) : written(true))],
    comments: [...unsure, ...comments],
  };
}

/** Fields that are not carried over at all, once for each that is there. */
export function fieldComments(config: EnvironmentConfig, isTop: boolean): string[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const known = WRANGLER_FIELDS[name];
    if (value === undefined || known === undefined || name === "build") return [];
    if (known.scope === "top" && !isTop) return [];
    if (known.fate === "left") return [leftOut(name, known.how)];
    return known.fate === "decide" ? [decide(`${name}: ${known.how}`)] : [];
  });
}

function optional(name: string, value: unknown): WrittenField[] {
  return value === undefined ? [] : [field(name, written(value as JsonValue))];
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
