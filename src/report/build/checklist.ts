import { readModule, type Namespace, type Stack, type Worker } from "../../assembly/index.js";
import type { Finding } from "../checks/finding.js";
import type { NamespaceFacts } from "./facts.js";
import type { ChecklistEntry } from "./model.js";

/** What the checklist of a namespace is computed from. */
export interface ChecklistInput {
  readonly namespace: Namespace;
  readonly stack: Stack;
  readonly workers: readonly Worker[];
  readonly facts: NamespaceFacts;
  readonly checks: readonly Finding[];
  readonly usesRuntime: (worker: Worker) => boolean | undefined;
}

/** What is done for a namespace; nothing is assumed. */
export function checklistOf({
  namespace,
  stack,
  workers,
  facts,
  checks,
  usesRuntime,
}: ChecklistInput): ChecklistEntry[] {
  const { keys, ttlSeconds, description, managed } = namespace;
  const patterns = Object.keys(keys).length;
  const lacksTtl = checks.some(({ code }) => code === "KV_NO_TTL");
  const uses = workers.map(usesRuntime);
  return [
    {
      item: "Namespace created",
      done: facts.exists ?? null,
      why:
        facts.exists === undefined
          ? "not looked up: --live does"
          : facts.exists
            ? "exists at Cloudflare"
            : "not deployed",
    },
    {
      item: "Bindings configured",
      done: workers.length > 0,
      why: workers.length > 0 ? workers.map(({ name }) => name).join(", ") : "no Worker binds it",
    },
    {
      item: "Key patterns defined",
      done: patterns > 0,
      why: patterns > 0 ? `${patterns} declared` : "none declared",
    },
    {
      item: "TTL strategy set",
      done: !lacksTtl,
      why: lacksTtl
        ? "a cache or sessions without ttlSeconds"
        : ttlSeconds > 0
          ? "keys expire"
          : "keys are meant to stay",
    },
    {
      item: "Cache patterns implemented",
      done: workers.length === 0 ? false : uses.includes(true) ? true : uses.includes(undefined) ? null : false,
      why:
        workers.length === 0
          ? "no Worker binds it"
          : uses.includes(true)
            ? "its Worker uses the runtime library"
            : "its Worker does not use the runtime library",
    },
    {
      item: "Purpose described",
      done: description !== undefined,
      why: description === undefined ? "no description" : "described",
    },
    ...(stack.protected && managed
      ? [
          {
            item: "Protected from deletion",
            done: namespace.protected,
            why: namespace.protected ? "Terraform refuses to delete it" : "preventDestroy is off",
          },
        ]
      : []),
  ];
}

/** Looks into the code of Workers, each once, for the settings that only the runtime library reads. */
export function runtimeUse(): (worker: Worker) => boolean | undefined {
  const known = new Map<string, boolean | undefined>();
  return (worker) => {
    const name = `${worker.stack}/${worker.logicalId}`;
    if (!known.has(name)) known.set(name, readsDefaults(worker));
    return known.get(name);
  };
}

/** How the runtime library looks for its settings, also when it is minified; constructs write them with other words. */
const READS_DEFAULTS = /["'`]KV_DEFAULTS["'`]\s*in\b/;

function readsDefaults({ versions }: Worker): boolean | undefined {
  const modules = versions.flatMap((version) => version.modules);
  if (modules.length === 0) return undefined;
  try {
    return modules.some((module) => READS_DEFAULTS.test(Buffer.from(readModule(module)).toString()));
  } catch {
    return undefined;
  }
}
