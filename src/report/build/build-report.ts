import { relative } from "node:path";
import { namespaceLabel, type Namespace, type Stack, type Worker } from "../../assembly/index.js";
import { CONVENTIONAL_KEYS, exampleKey } from "../../kv/key-pattern.js";
import { checkStack } from "../checks/declared.js";
import type { Finding } from "../checks/finding.js";
import { checklistOf, runtimeUse } from "./checklist.js";
import { environmentDifferences } from "./differences.js";
import type { Facts, NamespaceFacts } from "./facts.js";
import { declaredPatterns } from "./found-patterns.js";
import type {
  ChecklistEntry,
  Figure,
  From,
  KeyNaming,
  NamespaceReport,
  Overview,
  Report,
  StackReport,
} from "./model.js";
import { workerReport } from "./worker-report.js";

const UNKNOWN: Figure<never> = { value: null };

export interface ReportOptions {
  /** Every stack of the assembly: a Worker of another stack may bind a namespace. */
  readonly all: readonly Stack[];
  /** What Cloudflare or the local data say. @default - nothing is looked up */
  readonly facts?: Facts;
  /** Keys of namespaces by name, where they were listed, and whether they may be shown. */
  readonly showKeys?: boolean;
  /** More checks, by stack. */
  readonly findings?: readonly Finding[];
}

/** Builds the report of some stacks. */
export function buildReport(stacks: readonly Stack[], options: ReportOptions): Report {
  const { facts, all } = options;
  const bindings = bindingsByNamespace(all);
  const usesRuntime = runtimeUse();
  return {
    version: 1,
    ...(facts === undefined ? {} : { time: facts.time }),
    source: facts?.source ?? "assembly",
    stacks: stacks.map((stack): StackReport => {
      const found = [...checkStack(stack), ...(options.findings ?? []).filter((one) => one.stack === stack.name)];
      return {
        name: stack.name,
        ...(stack.app === undefined ? {} : { app: stack.app }),
        ...(stack.environment === undefined ? {} : { environment: stack.environment }),
        ...(stack.developer === undefined ? {} : { developer: stack.developer }),
        protected: stack.protected,
        workers: stack.workers.map(workerReport),
        namespaces: stack.namespaces.map((namespace) => {
          const users = bindings.get(namespace) ?? [];
          const known = facts?.of(namespace) ?? {};
          const checks = found.filter((one) => one.namespace === namespaceLabel(namespace));
          const workers = [...new Set(users.map(({ worker }) => worker))];
          const checklist = checklistOf({ namespace, stack, workers, facts: known, checks, usesRuntime });
          return namespaceReport(namespace, stack, users, known, checks, checklist, facts);
        }),
        checks: found.filter((one) => one.namespace === undefined),
      };
    }),
    differences: environmentDifferences(stacks),
    accounts: facts?.accounts ?? [],
    notes: facts?.notes ?? [],
  };
}

interface Use {
  readonly worker: Worker;
  readonly binding: string;
}

/** The Workers that bind each namespace, whichever stack they are of. */
function bindingsByNamespace(stacks: readonly Stack[]): ReadonlyMap<Namespace, readonly Use[]> {
  const found = new Map<Namespace, Use[]>();
  for (const worker of stacks.flatMap((stack) => stack.workers)) {
    const seen = new Set<string>();
    for (const binding of worker.versions.flatMap((version) => version.bindings)) {
      // Several versions of a Worker usually have the same bindings.
      if (binding.kind !== "kv_namespace" || seen.has(binding.name)) continue;
      seen.add(binding.name);
      const uses = found.get(binding.namespace) ?? [];
      uses.push({ worker, binding: binding.name });
      found.set(binding.namespace, uses);
    }
  }
  return found;
}

function namespaceReport(
  namespace: Namespace,
  stack: Stack,
  users: readonly Use[],
  known: NamespaceFacts,
  checks: readonly Finding[],
  checklist: readonly ChecklistEntry[],
  facts: Facts | undefined,
): NamespaceReport {
  const { description, managed, seedFiles, entries } = namespace;
  const account = known.accountId ?? namespace.accountId;
  const id = known.id ?? namespace.namespaceId;
  return {
    name: namespaceLabel(namespace),
    ...(description === undefined ? {} : { purpose: description }),
    stack: stack.name,
    ...(stack.environment === undefined ? {} : { environment: stack.environment }),
    managed,
    overview: overviewOf(namespace, stack, known, checklist),
    keyNaming: keyNamingOf(namespace, known, facts),
    bindings: users.map(({ worker, binding }) => ({ worker: worker.name, binding, stack: worker.stack })),
    ttl: ttlOf(namespace),
    seeds: seedFiles.map((file) => relative(stack.directory, file)),
    managedEntries: entries.length,
    checks,
    checklist,
    ...(known.days === undefined ? {} : { days: known.days }),
    ...(id === undefined || account === undefined || facts?.source === "local"
      ? {}
      : { dashboard: `https://dash.cloudflare.com/${account}/workers/kv/namespaces/${id}` }),
  };
}

function overviewOf(
  namespace: Namespace,
  stack: Stack,
  facts: NamespaceFacts,
  checklist: readonly ChecklistEntry[],
): Overview {
  const { namespaceId, ttlSeconds } = namespace;
  const known = checklist.filter(({ done }) => done !== null);
  const done = known.filter((entry) => entry.done);
  return {
    id:
      facts.id !== undefined
        ? figure(facts.id, "live")
        : namespaceId !== undefined
          ? figure(namespaceId, "declared")
          : UNKNOWN,
    environment: stack.environment === undefined ? UNKNOWN : figure(stack.environment, "declared"),
    ttlSeconds: figure(ttlSeconds, "declared"),
    keys: facts.keys ?? UNKNOWN,
    storageBytes: facts.storageBytes ?? UNKNOWN,
    readsPerDay: facts.readsPerDay ?? UNKNOWN,
    hitRate: facts.hitRate ?? UNKNOWN,
    health: known.length === 0 ? UNKNOWN : figure(Math.round((done.length / known.length) * 100), "computed"),
    status: facts.exists === undefined ? UNKNOWN : figure(facts.exists ? "active" : "missing", "live"),
  };
}

/** Declared patterns, else the forms of listed keys, else conventions. */
function keyNamingOf({ keys }: Namespace, { patterns }: NamespaceFacts, facts: Facts | undefined): KeyNaming {
  if (Object.keys(keys).length > 0) {
    return { source: "declared", patterns: patterns ?? declaredPatterns(keys, undefined, false) };
  }
  if (patterns !== undefined && patterns.length > 0) return { source: facts?.source ?? "live", patterns };
  const rows = Object.entries(CONVENTIONAL_KEYS);
  return {
    source: "suggested",
    patterns: rows.map(([pattern, use]) => ({ pattern, example: exampleKey(pattern), use })),
  };
}

function ttlOf({ ttlSeconds, workload, entries }: Namespace): NamespaceReport["ttl"] {
  const row = (what: string, seconds: number, from: From) => ({ what, seconds, from });
  return [
    row("default of the namespace", ttlSeconds, "declared"),
    ...(workload?.cache?.ttlSeconds === undefined ? [] : [row("Cache, fresh", workload.cache.ttlSeconds, "declared")]),
    ...(workload?.cache?.swrSeconds === undefined
      ? []
      : [row("Cache, old values served for", workload.cache.swrSeconds, "declared")]),
    ...(workload?.sessions?.ttlSeconds === undefined
      ? []
      : [row("sessions", workload.sessions.ttlSeconds, "declared")]),
    ...(entries.length === 0 ? [] : [row("entries that Terraform writes", 0, "declared")]),
  ];
}

function figure<Value>(value: Value, from: From): Figure<Value> {
  return { value, from };
}
