import type { Stack } from "../assembly/index.js";
import { count, printable } from "../values/text.js";
import { type ChangeWords, type Subject, SUBJECTS } from "./described.js";
import type { Action } from "./plan.js";

/** What is known of a stack's plan, for people and for programs. */
export interface StackReport {
  readonly stack: Pick<Stack, "name" | "environment" | "developer" | "protected">;
  /** The accounts that its resources belong to. */
  readonly accounts: readonly string[];
  /** Where the API is, if not at Cloudflare. */
  readonly host?: string;
  readonly engine: string;
  readonly changes: readonly ChangeWords[];
  /** How many keys are lost with a namespace, by its id. */
  readonly keys: ReadonlyMap<string, string>;
  /** Why the plan must not be applied, by address. */
  readonly refusals: ReadonlyMap<string, string>;
  /** The seed files of its namespaces. */
  readonly seeds: readonly SeedNote[];
  /** Whether the changes are those that somebody else made. */
  readonly isDrift?: true;
}

/** What `--seed` would write into a namespace. */
export interface SeedNote {
  readonly namespace: string;
  readonly files: readonly string[];
  /** Known once the files were read. */
  readonly entries?: number;
}

/** What happened to a resource without Terraform. */
const DRIFT_VERBS: Readonly<Partial<Record<Action, string>>> = { delete: "gone", update: "changed" };

/** How a word is painted: the command line's styles. */
export type Paint = (style: "bold" | "dim" | "red" | "green" | "yellow", text: string) => string;

const STYLES: Readonly<Record<Action, "green" | "yellow" | "red" | "dim">> = {
  create: "green",
  update: "yellow",
  delete: "red",
  replace: "red",
  forget: "yellow",
  move: "dim",
  adopt: "green",
};

const VERBS: Readonly<Record<Action, string>> = {
  create: "create",
  update: "change",
  delete: "delete",
  replace: "replace",
  forget: "forget",
  move: "move",
  adopt: "adopt",
};

/** Where a stack is deployed: printed before anything happens. */
export function placeText({
  stack,
  accounts,
  host,
  engine,
}: Omit<StackReport, "changes" | "keys" | "refusals" | "seeds">): string {
  const { name, environment, developer } = stack;
  const facts = [
    environment === undefined ? "no environment" : `environment ${environment}`,
    ...(developer === undefined ? [] : [`developer ${developer}`]),
    ...(stack.protected ? ["protected"] : []),
    accounts.length === 0 ? "account unknown" : `account ${accounts.join(", ")}`,
    ...(host === undefined ? [] : [`at ${host}`]),
    engine,
  ];
  return printable(`${name}: ${facts.join(", ")}`);
}

/** A plan in words, for a terminal. */
export function reportText(report: StackReport, paint: Paint): string {
  const { changes, seeds, isDrift } = report;
  const groups = SUBJECTS.flatMap((subject) => group(subject, report, paint));
  return [
    ...groups,
    ...(seeds.length === 0 ? [] : ["  seeds", ...seeds.map((seed) => `    ${printable(seedText(seed))}`)]),
    `  ${totals(changes, isDrift)}`,
  ].join("\n");
}

function group(subject: Subject, { changes, keys, refusals, isDrift }: StackReport, paint: Paint): string[] {
  const own = changes.filter((change) => change.subject === subject);
  if (own.length === 0) return [];
  const lines = own.flatMap((change) => {
    const { action, address, details } = change;
    const verb = paint(STYLES[action], verbFor(action, isDrift).padEnd(7));
    const refusal = refusals.get(address);
    return [
      `    ${verb}  ${printable(textOf(change, keys))}`,
      ...details.map((detail) => `             ${printable(detail)}`),
      ...(refusal === undefined ? [] : [`             ${paint("red", "REFUSED")}: ${printable(refusal)}`]),
    ];
  });
  return [`  ${subject}`, ...lines];
}

function textOf({ text, losesKeysOf }: ChangeWords, keys: ReadonlyMap<string, string>): string {
  const lost = losesKeysOf === undefined ? undefined : keys.get(losesKeysOf);
  return lost === undefined ? text : `${text} (now ${lost})`;
}

function seedText({ namespace, files, entries }: SeedNote): string {
  const names = files.join(", ");
  return entries === undefined
    ? `${namespace} from ${names}, with --seed`
    : `${namespace}: ${count(entries, "entry", "entries")} from ${names}`;
}

function verbFor(action: Action, isDrift = false): string {
  return (isDrift ? DRIFT_VERBS[action] : undefined) ?? VERBS[action];
}

/** `3 to create, 1 to change, 1 to delete`. */
function totals(changes: readonly ChangeWords[], isDrift = false): string {
  if (isDrift) return changes.length === 0 ? "nothing differs" : count(changes.length, "difference");
  if (changes.length === 0) return "nothing to change";
  return (Object.keys(VERBS) as Action[])
    .flatMap((action) => {
      const number = changes.filter((change) => change.action === action).length;
      return number === 0 ? [] : [`${number} to ${VERBS[action]}`];
    })
    .join(", ");
}

/** Plans in words as Markdown, for a comment on a pull request. */
export function reportMarkdown(reports: readonly StackReport[]): string {
  return reports.flatMap(stackMarkdown).join("\n");
}

function stackMarkdown(report: StackReport): string[] {
  const { stack, changes, refusals, seeds, keys, isDrift } = report;
  const rows = changes.map((change) => {
    const refusal = refusals.get(change.address);
    const notes = [...change.details, ...(refusal === undefined ? [] : [`**refused**: ${cell(refusal)}`])];
    const word = verbFor(change.action, isDrift);
    const verb = change.action === "delete" || change.action === "replace" ? `**${word}**` : word;
    const all = [textOf(change, keys), ...change.details].map(cell);
    return `| ${verb} | ${[...all, ...notes.slice(change.details.length)].join("<br>")} |`;
  });
  return [
    `### ${cell(stack.name)}: ${totals(changes, isDrift)}`,
    "",
    cell(placeText(report)),
    "",
    ...(rows.length === 0 ? [] : ["| | |", "|---|---|", ...rows, ""]),
    ...(refusals.size === 0
      ? []
      : [`**${count(refusals.size, "change is", "changes are")} refused: this plan cannot be applied.**`, ""]),
    ...(seeds.length === 0 ? [] : [`Seeds: ${seeds.map((seed) => cell(seedText(seed))).join("; ")}`, ""]),
  ];
}

/** Text in a table: nothing in a name may end the cell, or become a link, a mention or HTML. */
function cell(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]<>|#~]/g, (character) => `&#${character.codePointAt(0) ?? 0};`)
    .replaceAll("@", "&#64;");
}

/** A plan for `--json`. */
export function reportJson(report: StackReport): Record<string, unknown> {
  const { stack, accounts, host, engine, changes, keys, refusals, seeds } = report;
  return {
    stack: stack.name,
    environment: stack.environment,
    developer: stack.developer,
    protected: stack.protected,
    accounts,
    host,
    engine,
    allowed: refusals.size === 0,
    changes: changes.map(({ losesKeysOf, ...change }) => ({
      ...change,
      keys: losesKeysOf === undefined ? undefined : keys.get(losesKeysOf),
      refused: refusals.get(change.address),
    })),
    seeds,
  };
}
