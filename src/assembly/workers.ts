import { join } from "node:path";
import type { JsonObject } from "../values/json.js";
import type { BindingReader } from "./bindings.js";
import { asFlag, asList, asNumber, asObject, asText, optional } from "./json.js";
import type { QueueConsumer, Worker, WorkerModule, WorkerVersion } from "./model.js";
import type { Resolver } from "./resolver.js";
import type { StackFile } from "./stack-file.js";
import { readSettings } from "./worker-settings.js";

const SCRIPT = "cloudflare_workers_script";
const WORKER = "cloudflare_worker";
const VERSION = "cloudflare_worker_version";
const DEPLOYMENT = "cloudflare_workers_deployment";
const SUBDOMAIN = "cloudflare_workers_script_subdomain";
const ROUTE = "cloudflare_workers_route";
const DOMAIN = "cloudflare_workers_custom_domain";
const CRON = "cloudflare_workers_cron_trigger";

const ZONES = "cloudflare_zones";
const QUEUE = "cloudflare_queue";
const QUEUE_CONSUMER = "cloudflare_queue_consumer";

const MODULE_TYPE = "application/javascript+module";

/** Reads the Workers of one stack, with everything in that stack that refers to them by name. */
export class WorkerReader {
  constructor(
    private readonly stack: StackFile,
    private readonly resolver: Resolver,
    private readonly bindings: BindingReader,
  ) {}

  read(): Worker[] {
    const scripts = [...this.blocks(SCRIPT)].map(([id, attributes]) => this.script(id, attributes));
    const gradual = [...this.blocks(WORKER)].map(([id, attributes]) => this.gradual(id, attributes));
    const elsewhere = [...this.stack.cfkv.scripts].map(([id, attributes]): Worker => ({
      ...this.script(id, attributes),
      deployedBy: "wrangler",
    }));
    return [...scripts, ...gradual, ...elsewhere];
  }

  private script(logicalId: string, attributes: JsonObject): Worker {
    const path = `${SCRIPT}.${logicalId}`;
    const mainModule = asText(attributes["main_module"]);
    const module = this.module(
      {
        ...attributes,
        name: mainModule ?? attributes["body_part"] ?? "script",
        content_type: attributes["content_type"] ?? (mainModule ? MODULE_TYPE : "application/javascript"),
      },
      `${path}.content`,
    );
    const version: WorkerVersion = {
      logicalId,
      percentage: 100,
      ...optional("mainModule", mainModule),
      modules: module === undefined ? [] : [module],
      ...this.origin(logicalId),
      ...this.settings(attributes, path, logicalId),
    };
    const name = this.text(attributes["script_name"], `${path}.script_name`);
    return { ...this.worker(logicalId, name, attributes), form: "script", versions: [version] };
  }

  private gradual(logicalId: string, attributes: JsonObject): Worker {
    const name = this.text(attributes["name"], `${WORKER}.${logicalId}.name`);
    const shares = this.shares(name);
    const versions = [...this.blocks(VERSION)].filter(([, version]) =>
      this.isOf(version["worker_id"], logicalId, name),
    );
    const worker = this.worker(logicalId, name, attributes);
    return {
      ...worker,
      form: "versions",
      workersDev: worker.workersDev || asFlag(asObject(attributes["subdomain"])["enabled"]),
      versions: versions.map(([id, version]) => this.version(id, version, shares.get(id) ?? 0, logicalId)),
    };
  }

  private version(logicalId: string, attributes: JsonObject, percentage: number, worker: string): WorkerVersion {
    const path = `${VERSION}.${logicalId}`;
    const modules = asList(attributes["modules"]).map((module, at) =>
      this.module(asObject(module), `${path}.modules[${at}]`),
    );
    return {
      logicalId,
      ...optional("message", asText(asObject(attributes["annotations"])["workers_message"])),
      percentage,
      ...optional("mainModule", asText(attributes["main_module"])),
      modules: modules.filter((module) => module !== undefined),
      ...this.origin(logicalId),
      ...this.settings(attributes, path, worker),
    };
  }

  /** Percentages by version, from the Worker's deployment. */
  private shares(worker: string): Map<string, number> {
    const shares = new Map<string, number>();
    for (const [id, deployment] of this.blocks(DEPLOYMENT)) {
      if (this.name(deployment["script_name"]) !== worker) continue;
      asList(deployment["versions"]).forEach((share, at) => {
        const { version_id: version, percentage } = asObject(share);
        const target = this.resolver.target(this.stack, version);
        if (target !== undefined) shares.set(target.reference.id, Number(percentage));
        else this.resolver.note(this.stack, `${DEPLOYMENT}.${id}.versions[${at}].version_id`, asText(version) ?? "");
      });
    }
    return shares;
  }

  private worker(logicalId: string, name: string, attributes: JsonObject) {
    const attached = (type: string, by: string): JsonObject[] =>
      [...this.blocks(type).values()].filter((block) => this.name(block[by]) === name);
    const known = (block: JsonObject, attribute: string): string | undefined =>
      asText(this.resolver.known(this.stack, block[attribute]));
    const texts = (blocks: JsonObject[], attribute: string): string[] =>
      blocks.flatMap((block) => known(block, attribute) ?? []);
    const zonesOf = (blocks: JsonObject[], attribute: string): (readonly [string, string])[] =>
      blocks.flatMap((block) => {
        const [name, zone] = [known(block, attribute), known(block, "zone_id")];
        return name === undefined || zone === undefined ? [] : [[name, zone] as const];
      });
    const zoneNamesOf = (blocks: JsonObject[], attribute: string): (readonly [string, string])[] =>
      blocks.flatMap((block) => {
        const target = this.resolver.target(this.stack, block["zone_id"]);
        const name = target?.reference.type === ZONES ? asText(target.attributes["name"]) : undefined;
        const address = known(block, attribute);
        return name === undefined || address === undefined ? [] : [[address, name] as const];
      });
    const [routes, domains, triggers] = [
      attached(ROUTE, "script"),
      attached(DOMAIN, "service"),
      attached(CRON, "script_name"),
    ];
    const schedules = triggers.flatMap((trigger) => asList(trigger["schedules"]).map(asObject));
    return {
      stack: this.stack.name,
      logicalId,
      name,
      ...optional("key", this.stack.cfkv.workers.get(logicalId)?.key),
      ...optional("accountId", asText(this.resolver.known(this.stack, attributes["account_id"]))),
      workersDev: attached(SUBDOMAIN, "script_name").some((block) => asFlag(block["enabled"])),
      routes: texts(routes, "pattern"),
      customDomains: texts(domains, "hostname"),
      zones: Object.fromEntries([...zonesOf(routes, "pattern"), ...zonesOf(domains, "hostname")]),
      zoneNames: Object.fromEntries([...zoneNamesOf(routes, "pattern"), ...zoneNamesOf(domains, "hostname")]),
      crons: texts(schedules, "cron"),
      queues: attached(QUEUE_CONSUMER, "script_name").flatMap((consumer) => this.consumer(consumer)),
      hasCrons: triggers.length > 0,
      settings: readSettings(this.stack, this.resolver, attributes),
    };
  }

  private origin(logicalId: string) {
    const { file, assets } = this.stack.cfkv.workers.get(logicalId) ?? {};
    return {
      ...optional("source", this.stack.cfkv.bundles.get(logicalId)),
      ...optional("sourceFile", file),
      ...optional("assetsSource", assets),
    };
  }

  private consumer(attributes: JsonObject): QueueConsumer[] {
    const target = this.resolver.target(this.stack, attributes["queue_id"]);
    const name = target && this.resolver.known(target.stack, target.attributes["queue_name"]);
    const queue = asText(name ?? this.resolver.known(this.stack, attributes["queue_id"]));
    if (queue === undefined) return [];
    const settings = asObject(this.resolver.known(this.stack, attributes["settings"]));
    return [
      {
        queue,
        ...optional("batchSize", asNumber(settings["batch_size"])),
        ...optional("maxWaitMs", asNumber(settings["max_wait_time_ms"])),
        ...optional("maxRetries", asNumber(settings["max_retries"])),
        ...optional("retryDelay", asNumber(settings["retry_delay"])),
        ...optional("deadLetterQueue", asText(this.resolver.known(this.stack, attributes["dead_letter_queue"]))),
      },
    ];
  }

  private settings(attributes: JsonObject, path: string, worker: string) {
    const { directory, config } = asObject(attributes["assets"]);
    const assets = asText(directory);
    return {
      bindings: asList(attributes["bindings"]).map((binding, at) =>
        this.bindings.read(this.stack, binding, `${path}.bindings[${at}]`, worker),
      ),
      // The provider sends an empty string for a date that is not set.
      ...optional("compatibilityDate", asText(attributes["compatibility_date"]) || undefined),
      compatibilityFlags: asList(attributes["compatibility_flags"]).flatMap((flag) => asText(flag) ?? []),
      ...optional("assetsDirectory", assets === undefined ? undefined : join(this.stack.directory, assets)),
      ...optional("assetsConfig", config == null ? undefined : asObject(config)),
    };
  }

  private module(attributes: JsonObject, path: string): WorkerModule | undefined {
    const { name, content_type: type, content_file: file, content, content_base64: base64 } = attributes;
    const module = { name: asText(name) ?? "", contentType: asText(type) ?? MODULE_TYPE };
    if (typeof file === "string") return { ...module, file: join(this.stack.directory, file) };
    if (typeof base64 === "string") return { ...module, content: Buffer.from(base64, "base64") };
    if (typeof content !== "string") return undefined;
    return { ...module, content: Buffer.from(this.resolver.text(this.stack, content, path)) };
  }

  private isOf(workerId: unknown, logicalId: string, name: string): boolean {
    const target = this.resolver.target(this.stack, workerId);
    return target === undefined ? asText(workerId) === name : target.reference.id === logicalId;
  }

  /** A name by which something refers to a Worker. */
  private name(source: unknown): string | undefined {
    return asText(this.resolver.known(this.stack, source));
  }

  private text(source: unknown, path: string): string {
    return this.resolver.text(this.stack, asText(source) ?? "", path);
  }

  private blocks(type: string): ReadonlyMap<string, JsonObject> {
    return this.stack.resources.get(type) ?? new Map<string, JsonObject>();
  }
}

/** The resource types that become part of Workers, to list the others. */
export const WORKER_RESOURCES: readonly string[] = [
  SCRIPT,
  WORKER,
  VERSION,
  DEPLOYMENT,
  SUBDOMAIN,
  ROUTE,
  DOMAIN,
  CRON,
  QUEUE,
  QUEUE_CONSUMER,
];
