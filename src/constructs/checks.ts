import { WorkerVersion } from "@cdktf/provider-cloudflare/lib/worker-version/index.js";
import { WorkersScript } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { type IAspect, Token } from "cdktf";
import type { IConstruct } from "constructs";
import * as KV_LIMITS from "../kv/limits.js";
import { countNamespaces } from "./account-names.js";
import { isBound } from "./binding-table.js";
import { OLDEST_PROVIDER, OLDEST_SOUND_COMPATIBILITY_DATE, PROVIDER_VERSION } from "./defaults.js";
import { environmentMeaning } from "./environment-names.js";
import { KvNamespace } from "./kv-namespace.js";
import type { IKvNamespace } from "./kv-namespace-props.js";
import { failOn } from "./problems.js";
import { compareVersions, rangeOf } from "./provider-range.js";
import { Reach } from "./reachability.js";
import { looksSecret } from "./secret-forms.js";
import { asResolved } from "./stable-id.js";
import { warn } from "./warn.js";
import { ignoredContent } from "./worker-content.js";
import { StackRecord } from "./stack-record.js";
import { WorkerWithKvBindings } from "./worker-with-kv-bindings.js";

const EXPIRING = /(^|[^a-z])(cache|sessions?)([^a-z]|$)/i;
const COUNTING = /(^|[^a-z])(counters?|hits|visits|views|rate-?limits?)([^a-z]|$)/i;
const SECRET_KEY = /(secret|passw(or)?d|api[-_]?key|private[-_]?key|access[-_]?token)/i;

/** Looks at a whole stack once, when it is synthesized. */
export class KvChecks implements IAspect {
  visit(stack: IConstruct): void {
    const record = stack.node.tryFindChild("cfkv");
    if (!(record instanceof StackRecord)) return;
    const nodes = stack.node.findAll();
    const namespaces = nodes.filter((node) => node instanceof KvNamespace);
    const workers = nodes.filter((node) => node instanceof WorkerWithKvBindings);
    for (const namespace of namespaces) checkNamespace(namespace, record);
    const reach = new Reach(nodes, (node) => node instanceof WorkerWithKvBindings);
    for (const worker of workers) {
      checkWorker(worker, record);
      checkVars(worker);
      if (!reach.includes(worker, worker.names)) warnUnreachable(worker);
    }
    if (workers.length > 0) checkUnbound(namespaces);
    for (const node of nodes) {
      if (node instanceof WorkersScript || node instanceof WorkerVersion) checkDate(node);
      if (node instanceof WorkersScript) checkContent(node);
    }
    checkProvider(stack, record);
  }
}

function checkNamespace(namespace: KvNamespace, record: StackRecord): void {
  const { ttlSeconds, description } = namespace;
  const namespaceName = asResolved(namespace, namespace.namespaceName);
  refuseIterator(namespace);
  const purpose = record.roles.get(namespace)?.purpose ?? namespaceName;
  if (ttlSeconds === 0 && EXPIRING.test(purpose)) {
    warn(namespace, "KV_NO_TTL", `'${purpose}' looks like it holds entries that should expire, but has no ttlSeconds`);
  }
  if (record.environment?.protected === true && description === undefined) {
    warn(namespace, "KV_NO_DESCRIPTION", `namespace '${namespaceName}' of a protected environment has no description`);
  }
  if (COUNTING.test(purpose)) {
    warn(namespace, "KV_COUNTER", `KV loses concurrent counts ('${purpose}'): use a Durable Object, or rateLimits`);
  }
  checkName(namespace, record);
  for (const { key, value } of namespace.entries) {
    if (SECRET_KEY.test(key) || looksSecret("", value)) {
      warn(
        namespace,
        "KV_SECRET_ENTRY",
        `entry '${key}' looks like a secret, which would be readable in cdktf.out and the state: use secrets of the Worker`,
      );
    }
  }
  const count = countNamespaces(namespace, namespace.accountId);
  if (count > KV_LIMITS.maxNamespaces) {
    warn(
      namespace,
      "KV_TOO_MANY",
      `an account can hold ${KV_LIMITS.maxNamespaces} namespaces, this app defines ${count}`,
    );
  }
}

/** A binding refers to one namespace; a reference to one of several would not be valid. */
function refuseIterator(namespace: KvNamespace): void {
  const { resource } = namespace;
  if (!isBound(namespace) || (resource.forEach === undefined && resource.count === undefined)) return;
  const message =
    "a bound namespace cannot have forEach or count, because a binding refers to one namespace: " +
    "define a KvNamespace for each in a loop of the program";
  failOn([message], namespace);
}

function checkName(namespace: KvNamespace, { environment }: StackRecord): void {
  if (environment === undefined || Token.isUnresolved(namespace.namespaceName)) return;
  const own = new Set(
    environment.environment.split("-").map((word) => environmentMeaning(word.replace(/\d+$/, "")) ?? word),
  );
  const appWords = environment.app.split("-");
  const stranger = namespace.namespaceName
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .find((word) => {
      const meaning = environmentMeaning(word);
      return meaning !== undefined && !own.has(meaning) && !appWords.includes(word);
    });
  if (stranger !== undefined) {
    warn(
      namespace,
      "KV_NAME_ENVIRONMENT",
      `namespace '${namespace.namespaceName}' of environment '${environment.environment}' looks like one of '${stranger}'`,
    );
  }
}

function checkWorker(worker: WorkerWithKvBindings, record: StackRecord): void {
  const seen = new Map<IKvNamespace, string>();
  for (const [binding, namespace] of Object.entries(worker.kv)) {
    const other = seen.get(namespace);
    if (other !== undefined) {
      warn(worker, "KV_BOUND_TWICE", `namespace '${namespace.node.path}' is bound as '${other}' and as '${binding}'`);
    }
    seen.set(namespace, binding);
    const home = StackRecord.of(namespace).environment;
    const here = record.environment;
    if (home !== undefined && here !== undefined && home.app === here.app && home.environment !== here.environment) {
      warn(
        worker,
        "KV_OTHER_ENVIRONMENT",
        `'${binding}' is a namespace of environment '${home.environment}', the Worker is of '${here.environment}'`,
      );
    }
  }
}

function checkVars(worker: WorkerWithKvBindings): void {
  for (const [name, value] of Object.entries(worker.vars)) {
    if (!looksSecret(name, value)) continue;
    const message = `var '${name}' looks like a secret, which would be readable in cdktf.out and the state: use secrets: ["${name}"]`;
    warn(worker, "VAR_LOOKS_SECRET", message);
  }
}

function warnUnreachable(worker: WorkerWithKvBindings): void {
  warn(
    worker,
    "WORKER_UNREACHABLE",
    "nothing can call the Worker: give it routes, customDomains, workersDev: true or crons, or bind it to another Worker",
  );
}

/** Not for a stack without Workers, which defines namespaces for others. */
function checkUnbound(namespaces: readonly KvNamespace[]): void {
  for (const namespace of namespaces) {
    if (isBound(namespace)) continue;
    warn(
      namespace,
      "KV_UNBOUND",
      `namespace '${asResolved(namespace, namespace.namespaceName)}' is not bound to any Worker`,
    );
  }
}

/** The provider uploads the code with every other change, whatever the lifecycle ignores. */
function checkContent(script: WorkersScript): void {
  const ignored = ignoredContent(script);
  if (ignored.length === 0) return;
  warn(
    script,
    "WORKER_CONTENT_IGNORED",
    `ignoreChanges of ${ignored.join(", ")} does not hand the code over to wrangler: the next other change uploads the code of ` +
      `the last apply again, or fails because its file is gone; let wrangler own the whole Worker, and Terraform only its namespaces`,
  );
}

/** Also for scripts that were defined without this library. */
function checkDate(script: WorkersScript | WorkerVersion): void {
  const date = script.compatibilityDateInput;
  if (date !== undefined && (Token.isUnresolved(date) || date >= OLDEST_SOUND_COMPATIBILITY_DATE)) return;
  const found = date === undefined ? "unset" : `'${date}'`;
  warn(
    script,
    "WORKER_OLD_DATE",
    `compatibility date is ${found}: requests that share a promise can hang forever before ${OLDEST_SOUND_COMPATIBILITY_DATE}`,
  );
}

function checkProvider(stack: IConstruct, { providerVersion, providerNeeds }: StackRecord): void {
  if (providerVersion === undefined) return;
  const { from, below } = rangeOf(providerVersion);
  const asked = `provider '${providerVersion}' allows versions`;
  if (compareVersions(from, OLDEST_PROVIDER) < 0) {
    warn(
      stack,
      "PROVIDER_TOO_OLD",
      `${asked} before ${OLDEST_PROVIDER}, which break keys such as 'a/b': require '${PROVIDER_VERSION}'`,
    );
  }
  for (const need of providerNeeds) {
    if (need.from !== undefined && compareVersions(from, need.from) < 0) {
      warn(stack, "PROVIDER_TOO_OLD", `${asked} before ${need.from}, which ${need.what} needs`);
    }
    if (need.below !== undefined && compareVersions(below, need.below) > 0) {
      warn(stack, "PROVIDER_TOO_NEW", `${asked} from ${need.below} on, which fail with ${need.what}`);
    }
  }
}
