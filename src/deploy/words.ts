import type { Stack } from "../assembly/index.js";
import { byText } from "../values/text.js";
import { changedDetail, moved, nameOf } from "./change-names.js";
import { type ChangeWords, type Described, SUBJECTS } from "./described.js";
import { entryWords, namespaceWords } from "./namespace-words.js";
import type { Plan, ResourceChange } from "./plan.js";
import { workerPartWords, workerWords } from "./worker-words.js";

type Describe = (change: ResourceChange, stack: Stack) => Described | undefined;

const DESCRIPTIONS: readonly Describe[] = [namespaceWords, entryWords, workerWords, workerPartWords, databaseWords];

/** A plan in words, sorted by what it is about. */
export function wordsOf({ changes, outputs }: Pick<Plan, "changes" | "outputs">, stack: Stack): readonly ChangeWords[] {
  const words = changes.map((change) => describe(change, stack));
  const isOnlyOutputs = words.length === 0 && outputs.length > 0;
  const named = isOnlyOutputs ? outputs.filter((name) => !name.startsWith("cross-stack-output-")) : [];
  return [
    ...words,
    ...named.map((name): ChangeWords => {
      return {
        subject: "outputs",
        action: "update",
        address: `output.${name}`,
        name,
        text: `output '${name}'`,
        details: [],
      };
    }),
  ].sort((a, b) => SUBJECTS.indexOf(a.subject) - SUBJECTS.indexOf(b.subject) || byText(a.name, b.name));
}

/** Differences between the state and reality in words. */
export function driftWords({ drift }: Pick<Plan, "drift">, stack: Stack): readonly ChangeWords[] {
  return drift
    .filter(({ action, changed }) => action !== "update" || changed.some((name) => !VOLATILE.has(name)))
    .map((change) => {
      const { subject, name } = describe(change, stack);
      const { action, address, type } = change;
      const noun = nounOf(type);
      const own = { subject, action, address, name };
      if (action === "delete") return { ...own, text: `${noun} '${name}' is no longer there`, details: [] };
      const what = change.changed.filter((each) => !VOLATILE.has(each)).sort(byText);
      return { ...own, text: `${noun} '${name}' was changed: ${what.join(", ")}`, details: [] };
    });
}

/** Attributes that Cloudflare changes by itself. */
const VOLATILE: ReadonlySet<string> = new Set(["modified_on", "startup_time_ms", "updated_on"]);

function describe(change: ResourceChange, stack: Stack): ChangeWords {
  const { action, address, type } = change;
  for (const words of DESCRIPTIONS) {
    const found = words(change, stack);
    if (found !== undefined) return { action, address, ...found };
  }
  const name = nameOf(change);
  const details = action === "update" || action === "replace" ? changedDetail(change.changed) : [];
  return {
    subject: "others",
    action,
    address,
    name,
    text: `${type} '${name}'`,
    details: [...details, ...moved(change)],
  };
}

function databaseWords(change: ResourceChange): Described | undefined {
  if (change.type !== "cloudflare_d1_database") return undefined;
  const name = nameOf(change);
  const own = { subject: "databases" as const, name };
  const loss = change.action === "delete" || change.action === "replace";
  const rest = change.action === "forget" ? "; it stays at Cloudflare with its rows" : "";
  const text = loss ? `database '${name}' with all its rows` : `database '${name}'${rest}`;
  return {
    ...own,
    text,
    details: [...(change.action === "update" ? changedDetail(change.changed) : []), ...moved(change)],
  };
}

function nounOf(type: string): string {
  return NOUNS.get(type) ?? type;
}

const NOUNS: ReadonlyMap<string, string> = new Map([
  ["cloudflare_workers_kv_namespace", "namespace"],
  ["cloudflare_workers_kv", "key"],
  ["cloudflare_workers_script", "Worker"],
  ["cloudflare_worker", "Worker"],
  ["cloudflare_worker_version", "version"],
  ["cloudflare_workers_deployment", "deployment of Worker"],
  ["cloudflare_workers_route", "route"],
  ["cloudflare_workers_custom_domain", "custom domain"],
  ["cloudflare_workers_cron_trigger", "crons of Worker"],
  ["cloudflare_d1_database", "database"],
]);
