import type { Finding } from "../checks/finding.js";
import type {
  EnvironmentDifferences,
  Figure,
  From,
  KeyNaming,
  NamespaceReport,
  Report,
  StackReport,
  WorkerReport,
} from "../build/model.js";
import { type Block, type Document, type Fact, heading, paragraph, table } from "./document.js";
import { bytesText, countText, percentText, ttlText, UNKNOWN } from "./format.js";
import { quotaTable } from "./usage-document.js";

/** Draws pictures for HTML; other formats leave them out. */
export interface Pictures {
  readonly stack: (stack: StackReport) => string;
  readonly days: (namespace: NamespaceReport) => string | undefined;
}

const FROM: Readonly<Record<From, string>> = {
  declared: "declared",
  live: "live",
  sampled: "sampled",
  local: "of cfkv dev",
  computed: "computed",
};

const NAMING: Readonly<Record<KeyNaming["source"], string>> = {
  declared: "Declared in the stack.",
  live: "Found among the keys at Cloudflare; none is declared.",
  local: "Found in the data of cfkv dev; none is declared.",
  suggested: "A suggestion: no pattern is declared, and none was found among listed keys.",
};

/** A report as a document, in the layout of the namespace specification. */
export function reportDocument(report: Report, pictures?: Pictures): Document {
  const namespaces = report.stacks.flatMap((stack) => stack.namespaces);
  return {
    title: pictures === undefined ? "" : titleOf(report),
    blocks: [
      ...report.notes.map((note) => paragraph(note)),
      ...(pictures === undefined ? [] : [overviewTable(namespaces)]),
      ...report.differences.flatMap(differenceBlocks),
      ...report.accounts.flatMap(({ accountId, quotas }) => [
        heading(2, `Quotas of account ${accountId}`),
        quotaTable(quotas),
      ]),
      ...report.stacks.flatMap((stack) => stackBlocks(stack, report, pictures)),
    ],
  };
}

/** What the report is about, for the title of a page. */
export function titleOf({ stacks }: Report): string {
  const apps = [...new Set(stacks.flatMap(({ app, name }) => app ?? name))];
  return apps.length === 1 ? `KV of ${apps[0] ?? ""}` : `KV of ${apps.length} apps`;
}

/** The anchor of a namespace. */
export function anchorOf({ stack, name }: Pick<NamespaceReport, "stack" | "name">): string {
  return `${stack}--${name}`.replace(/[^\p{L}\p{N}]+/gu, "-");
}

function overviewTable(namespaces: readonly NamespaceReport[]): Block {
  return table(
    ["namespace", "environment", "TTL", "keys", "stored", "reads a day", "health"],
    namespaces.map((namespace) => {
      const { ttlSeconds, keys, storageBytes, readsPerDay, health } = namespace.overview;
      return [
        namespace.name,
        namespace.environment ?? UNKNOWN,
        ttlSeconds.value === 0 ? "none" : ttlText(ttlSeconds.value ?? 0),
        countText(keys.value ?? undefined),
        bytesText(storageBytes.value ?? undefined),
        countText(readsPerDay.value ?? undefined),
        percentText(health.value ?? undefined),
      ];
    }),
    {
      numbers: [3, 4, 5, 6],
      code: [0],
      bars: [{ column: 6, percents: namespaces.map(({ overview }) => overview.health.value ?? undefined) }],
    },
  );
}

function differenceBlocks({ app, environments, rows }: EnvironmentDifferences): Block[] {
  return [
    heading(2, `Environments of ${app}`),
    table(
      ["", ...environments],
      rows.map(({ what, values }) => [what, ...values]),
    ),
  ];
}

function stackBlocks(stack: StackReport, report: Report, pictures: Pictures | undefined): Block[] {
  const picture = pictures?.stack(stack);
  return [
    ...(picture === undefined ? [] : [heading(1, `Stack ${stack.name}`, `stack-${stack.name}`)]),
    ...(picture === undefined
      ? []
      : [{ kind: "picture", svg: picture, caption: `Workers, bindings and namespaces of ${stack.name}` } as const]),
    ...stack.namespaces.flatMap((namespace) => namespaceBlocks(namespace, report, pictures)),
    ...stack.workers.flatMap(workerBlocks),
    ...checkBlocks(`Checks of stack ${stack.name}`, stack.checks),
  ];
}

function namespaceBlocks(namespace: NamespaceReport, report: Report, pictures: Pictures | undefined): Block[] {
  const { name, purpose, environment, stack, keyNaming, bindings, ttl, seeds, managedEntries, checks, checklist } =
    namespace;
  const chart = pictures?.days(namespace);
  return [
    { ...heading(1, "KV namespace specification", anchorOf(namespace)), detail: name },
    {
      kind: "box",
      groups: [
        [
          { label: "Namespace", value: name },
          { label: "Purpose", value: purpose ?? UNKNOWN },
          { label: "Environment", value: environment ?? UNKNOWN },
          { label: "Stack", value: stack },
          ...(report.time === undefined ? [] : [{ label: "Time", value: report.time }]),
        ],
      ],
    },
    heading(2, "Namespace overview"),
    { kind: "box", title: "KV STATUS", groups: statusGroups(namespace) },
    ...(namespace.dashboard === undefined ? [] : [paragraph("Open in the dashboard", namespace.dashboard)]),
    ...(chart === undefined
      ? []
      : [{ kind: "picture", svg: chart, caption: `Operations of ${name}, day by day (UTC, sampled)` } as const]),
    heading(2, "Key naming convention"),
    namingTable(keyNaming),
    paragraph(NAMING[keyNaming.source]),
    heading(2, "Bindings"),
    bindings.length === 0
      ? paragraph("No Worker of these stacks binds it.")
      : table(
          ["binding", "Worker", "stack"],
          bindings.map((one) => [one.binding, one.worker, one.stack]),
          { code: [0] },
        ),
    heading(2, "TTL strategy"),
    table(
      ["what", "TTL", "from"],
      ttl.map(({ what, seconds, from }) => [what, ttlText(seconds), FROM[from]]),
    ),
    heading(2, "Seeds"),
    paragraph(seedText(seeds, managedEntries)),
    ...checkBlocks("Checks", checks),
    heading(2, "Implementation checklist"),
    {
      kind: "checklist",
      items: checklist.map(({ item, done, why }) => ({ done: done ?? undefined, text: item, note: why })),
    },
  ];
}

function statusGroups({ name, overview }: NamespaceReport): Fact[][] {
  const { id, environment, ttlSeconds, keys, storageBytes, readsPerDay, hitRate, health, status } = overview;
  const fact = <Value>(label: string, figure: Figure<Value>, text: (value: Value) => string): Fact => ({
    label,
    value: figure.value === null ? UNKNOWN : text(figure.value),
    ...sourceOf(figure),
  });
  return [
    [
      { label: "Namespace", value: name },
      fact("ID", id, (value) => value),
      fact("Environment", environment, (value) => value),
    ],
    [
      fact("Keys", keys, countText),
      fact("Storage used", storageBytes, bytesText),
      fact("Read ops/day", readsPerDay, countText),
    ],
    [
      fact("Default TTL", ttlSeconds, ttlText),
      { ...fact("Cache hit rate", hitRate, percentText), ...(hitRate.value === null ? { from: "not measured" } : {}) },
    ],
    [
      {
        ...fact("Health", health, percentText),
        ...(health.value === null ? {} : { bar: health.value, from: "of the checklist" }),
      },
      {
        label: "Status",
        value: status.value === null ? UNKNOWN : status.value === "active" ? "● Namespace active" : "○ not deployed",
        ...(status.value === null ? { from: "not looked up" } : { from: "live" }),
      },
    ],
  ];
}

function sourceOf({ from, asOf, value }: Figure<unknown>): { from?: string } {
  if (from === undefined || value === null) return {};
  return { from: asOf === undefined ? FROM[from] : `${FROM[from]}, ${asOf}` };
}

function namingTable({ patterns }: KeyNaming): Block {
  const hasCounts = patterns.some(({ keys }) => keys !== undefined);
  return table(
    ["pattern", "example", "use case", ...(hasCounts ? ["keys"] : [])],
    patterns.map(({ pattern, example, use, keys }) => [pattern, example, use, ...(hasCounts ? [countText(keys)] : [])]),
    { code: [0, 1], ...(hasCounts ? { numbers: [3] } : {}) },
  );
}

function seedText(seeds: readonly string[], managedEntries: number): string {
  const names = seeds.map((seed) => seed.split(/[\\/]/).at(-1) ?? seed);
  const files = names.length === 0 ? "No seed files" : `Seed files: ${names.join(", ")}`;
  const entries = managedEntries === 1 ? "1 entry" : `${managedEntries} entries`;
  return managedEntries === 0 ? `${files}.` : `${files}; Terraform writes ${entries}.`;
}

function workerBlocks(worker: WorkerReport): Block[] {
  const { name, deployment, compatibilityDate, compatibilityFlags, urls, crons, bindings, dashboard } = worker;
  const rows = [
    ["deployment", deployment || UNKNOWN],
    ["compatibility date", compatibilityDate ?? UNKNOWN],
    ["compatibility flags", compatibilityFlags.join(", ") || UNKNOWN],
    ["addresses", urls.join(", ") || UNKNOWN],
    ["crons", crons.join(", ") || UNKNOWN],
  ];
  return [
    heading(2, `Worker configuration: ${name}`),
    table(["", "value"], rows),
    ...(bindings.length === 0
      ? []
      : [
          table(
            ["binding", "kind", "target"],
            bindings.map((one) => [one.name, one.kind, one.target ?? ""]),
            { code: [0] },
          ),
        ]),
    ...(dashboard === undefined ? [] : [paragraph("Open in the dashboard", dashboard)]),
  ];
}

function checkBlocks(title: string, findings: readonly Finding[]): Block[] {
  if (findings.length === 0) return [];
  return [
    heading(2, title),
    table(
      ["", "code", "what"],
      findings.map(({ severity, code, message }) => [severity, code, message]),
      { code: [1] },
    ),
  ];
}
